//! A request to a gateway, including redirects.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};

use crate::{
    RequestBody, Result,
    calls::{
        call::Transmission,
        port::{Port, Told},
    },
    decisions::redirect::{MOST_REDIRECTS, location, without_credentials},
};

/// How to send a request.
pub(crate) struct Ask {
    pub(crate) operation: &'static str,
    pub(crate) limit: usize,
    pub(crate) fresh_connection: bool,
}

impl Ask {
    /// Sends a request and follows redirects.
    pub(crate) async fn send<I>(&self, port: &Port<I>, request: Request<()>) -> Told {
        let mut hops = Hops::new(request);
        loop {
            let told = port.send(self.transmission(hops.request())).await.0;
            match &told {
                Told::Response(response, _) if hops.follow(response) => {}
                _ => return told,
            }
        }
    }

    /// Like `send`, for a response whose body is streamed.
    pub(crate) async fn open<I>(
        &self,
        port: &Port<I>,
        request: Request<()>,
    ) -> Result<Response<()>, Told> {
        let mut hops = Hops::new(request);
        loop {
            match port.open(self.transmission(hops.request())).await {
                Err(Told::Response(response, _)) if hops.follow(&response) => {}
                opened => return opened,
            }
        }
    }

    fn transmission(&self, request: Request<RequestBody>) -> Transmission {
        Transmission {
            operation: self.operation,
            attempt: 1,
            request,
            profiles: Vec::new(),
            pause: Duration::ZERO,
            patience: Duration::ZERO,
            fresh_connection: self.fresh_connection,
            response_limit: self.limit,
            creates: false,
        }
    }
}

/// A request and its redirects.
struct Hops {
    request: Request<()>,
    left: u32,
}

impl Hops {
    fn new(request: Request<()>) -> Self {
        Self {
            request,
            left: MOST_REDIRECTS,
        }
    }

    fn request(&self) -> Request<RequestBody> {
        self.request.clone().map(|()| RequestBody::Empty)
    }

    /// Follows the response's redirect, if its target is allowed. Returns whether it is.
    fn follow(&mut self, response: &Response<Bytes>) -> bool {
        let from = self.request.uri();
        let target = location(response).and_then(|to| without_credentials(from, to));
        let Some(target) = target.filter(|_| self.left > 0) else {
            return false;
        };
        self.left -= 1;
        *self.request.method_mut() = Method::GET;
        *self.request.uri_mut() = target;
        true
    }
}
