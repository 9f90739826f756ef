//! Raw blocks from a gateway, which gets no keys and isn't trusted.

use bytes::Bytes;
use http::{Request, Response};
use url::Url;
use w3pin_core::{Cid, Effect, FetchBlock, Gateway, Result};

use super::Client;
use crate::{
    call::{Attempt, Limits},
    transport::{Body, Failed, MOST_REDIRECTS, Transport, location},
};

impl Client {
    /// The block that `cid` names, unchecked.
    pub(crate) async fn fetch_block(&self, gateway: &Gateway, cid: &Cid) -> Result<Bytes> {
        let inner = &self.inner;
        let limits = Limits::new(&inner.retry, Some(inner.call_timeout));
        let mut attempt = Fetching {
            transport: &inner.transport,
            gateway,
            fetch: FetchBlock::new(cid.clone()),
        };
        limits.within(limits.persevere(&mut attempt)).await
    }
}

struct Fetching<'a> {
    transport: &'a Transport,
    gateway: &'a Gateway,
    fetch: FetchBlock,
}

impl Attempt for Fetching<'_> {
    type Output = Bytes;
    const NAME: &'static str = "fetch_block";
    const EFFECT: Effect = Effect::Read;

    async fn send(&mut self) -> Result<Bytes, Failed> {
        let request = self.fetch.prepare(self.gateway).map_err(Failed::unsent)?;
        let mut request = request.map(|()| Body::Bytes(Bytes::new()));
        let mut hops = 0;
        loop {
            let (uri, headers) = (request.uri().clone(), request.headers().clone());
            let response = self.transport.send(request, self.fetch.limit()).await?;
            // There is nothing secret in the request, so it may go wherever the gateway says.
            let target = location(&response)
                .filter(|_| hops < MOST_REDIRECTS)
                .and_then(|location| {
                    let target = Url::parse(&uri.to_string()).ok()?;
                    let target = target.join(location.to_str().ok()?).ok()?;
                    target.as_str().parse().ok()
                });
            let Some(target) = target else {
                return self.block(&response);
            };
            hops += 1;
            request = Request::new(Body::Bytes(Bytes::new()));
            *request.uri_mut() = target;
            *request.headers_mut() = headers;
        }
    }
}

impl Fetching<'_> {
    fn block(&self, response: &Response<Bytes>) -> Result<Bytes, Failed> {
        let (status, headers) = (response.status(), response.headers());
        let mut borrowed = Response::new(&response.body()[..]);
        *borrowed.status_mut() = status;
        borrowed.headers_mut().clone_from(headers);
        match self.fetch.parse(&borrowed) {
            Ok(_) => Ok(response.body().clone()),
            Err(error) => Err(Failed {
                error,
                sent: w3pin_core::Sent::Everything,
            }),
        }
    }
}
