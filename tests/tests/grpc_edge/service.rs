//! A service whose calls do what the request says.

use std::pin::Pin;

use futures::{Stream, StreamExt, stream};
use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use tonic::{Code, Request, Response, Status, Streaming};

/// Generated from `proto/probe.proto`.
#[allow(missing_docs, unreachable_pub)]
pub(crate) mod proto {
    tonic::include_proto!("phoenix.probe");

    /// The content of the service, as bytes.
    pub(crate) const DESCRIPTORS: &[u8] = tonic::include_file_descriptor_set!("probe");
}

pub(crate) use proto::{Answer, Ending, Wish};

#[derive(Clone, Copy)]
pub(crate) struct Probe;

type Answers = Pin<Box<dyn Stream<Item = Result<Answer, Status>> + Send>>;

fn answer(size: u32) -> Answer {
    let trace = Context::current().span().span_context().trace_id().to_string();
    Answer { payload: vec![7; size as usize], trace, bytes: 0, messages: 0 }
}

/// Ends a call as the request says.
async fn end(wish: &Wish) -> Result<(), Status> {
    match wish.ending() {
        Ending::Answer => Ok(()),
        Ending::Fail => Err(Status::new(Code::from_i32(wish.code), "as you wish")),
        Ending::Panic => panic!("as you wish"),
        Ending::Hang => std::future::pending().await,
    }
}

/// The requested number of messages, and the end.
fn answers(wish: Wish) -> Answers {
    let size = wish.size;
    let answers = stream::iter(0..wish.answers).map(move |_| Ok(answer(size)));
    let end = stream::once(async move { end(&wish).await }).filter_map(async |end| end.err().map(Err));
    Box::pin(answers.chain(end))
}

#[tonic::async_trait]
impl proto::probe_server::Probe for Probe {
    type DownloadStream = Answers;
    type TalkStream = Answers;

    async fn unary(&self, request: Request<Wish>) -> Result<Response<Answer>, Status> {
        let wish = request.into_inner();
        end(&wish).await?;
        Ok(Response::new(answer(wish.size)))
    }

    async fn download(&self, request: Request<Wish>) -> Result<Response<Answers>, Status> {
        Ok(Response::new(answers(request.into_inner())))
    }

    async fn upload(&self, request: Request<Streaming<Wish>>) -> Result<Response<Answer>, Status> {
        let mut wishes = request.into_inner();
        let mut sum = answer(0);
        while let Some(wish) = wishes.message().await? {
            sum.bytes += wish.payload.len() as u64;
            sum.messages += 1;
            end(&wish).await?;
        }
        Ok(Response::new(sum))
    }

    async fn talk(&self, request: Request<Streaming<Wish>>) -> Result<Response<Answers>, Status> {
        let answered = request.into_inner().flat_map(|wish| match wish {
            Ok(wish) => answers(wish),
            Err(status) => Box::pin(stream::once(async { Err(status) })),
        });
        Ok(Response::new(Box::pin(answered)))
    }

    async fn stub(&self, _: Request<Wish>) -> Result<Response<Answer>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}

/// A request for a call with this ending.
pub(crate) fn wish(ending: Ending) -> Wish {
    Wish { ending: ending.into(), ..Wish::default() }
}

/// A request for this status.
pub(crate) fn fail(code: Code) -> Wish {
    Wish { code: code as i32, ..wish(Ending::Fail) }
}
