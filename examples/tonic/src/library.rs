//! The gRPC service: a library with three books.

use phoenix_otel::instrument_metrics;
use tokio_stream::Iter;
use tonic::{Request, Response, Status};

#[allow(unreachable_pub, reason = "it is generated")]
pub(crate) mod proto {
    tonic::include_proto!("example.library");

    pub(crate) const DESCRIPTORS: &[u8] = tonic::include_file_descriptor_set!("library");
}

use proto::library_server::Library;
use proto::{Loan, Shelf, Title};

const BOOKS: [&str; 3] = ["Emma", "Middlemarch", "Walden"];

pub(crate) struct SmallLibrary;

#[instrument_metrics] // phoenix_library_requests_total{method="lend"} and so on, in addition to the layer's metrics
#[tonic::async_trait]
impl Library for SmallLibrary {
    type BrowseStream = Iter<std::vec::IntoIter<Result<Title, Status>>>;

    async fn lend(&self, request: Request<Title>) -> Result<Response<Loan>, Status> {
        let Title { title } = request.into_inner();
        if title.is_empty() {
            return Err(Status::invalid_argument("the title is empty"));
        }
        if !BOOKS.contains(&&*title) {
            return Err(Status::not_found(format!("unknown book {title:?}")));
        }
        Ok(Response::new(Loan { days: 28 }))
    }

    async fn browse(&self, _: Request<Shelf>) -> Result<Response<Self::BrowseStream>, Status> {
        let titles: Vec<_> = BOOKS.map(|title| Ok(Title { title: title.to_owned() })).into();
        Ok(Response::new(tokio_stream::iter(titles)))
    }
}
