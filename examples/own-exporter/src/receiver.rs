//! A fake database, for the example and for tests.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// Starts it on a free loopback port and returns its URL. For each request it calls `respond` with head and body, and sends the returned HTTP
/// response. It runs until the process ends.
///
/// # Errors
///
/// There is no free port.
pub fn start(mut respond: impl FnMut(&str, &str) -> String + Send + 'static) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/write", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client may disconnect at any time.
            let _ = serve(&stream, &mut respond);
        }
    });
    Ok(url)
}

/// Builds a response that closes the connection.
#[must_use]
pub fn response(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn serve(mut stream: &TcpStream, respond: &mut impl FnMut(&str, &str) -> String) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    stream.write_all(respond(&head, &String::from_utf8_lossy(&body)).as_bytes())
}
