//! Reading a raw block from a gateway, which gets no credentials and isn't trusted.

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Response};

use super::{
    attempts::{Attempts, Failed},
    call::{Call, Transmission},
    port::{Port, Told},
};
use crate::{
    Cid, FetchBlock, Gateway, RequestBody, Result, RetryPolicy,
    decisions::redirect::{MOST_REDIRECTS, location, without_credentials},
};

/// Fetches the block that `cid` names. Its bytes aren't checked against the CID: whoever uses them must.
pub fn fetch_block(
    gateway: &Gateway,
    cid: Cid,
    retry: RetryPolicy,
    timeout: Option<Duration>,
) -> Call<Bytes> {
    let (gateway, operation) = (gateway.clone(), FetchBlock::new(cid));
    Call::new(timeout, move |port| fetch(port, gateway, operation, retry))
}

async fn fetch<I>(
    port: Port<I>,
    gateway: Gateway,
    operation: FetchBlock,
    retry: RetryPolicy,
) -> Result<Bytes> {
    let mut attempts = Attempts::new(&port, retry)?;
    loop {
        let attempt = attempts.start();
        let mut request = operation.prepare(&gateway)?.map(|()| RequestBody::Empty);
        let mut redirects = 0;
        let told = loop {
            let (uri, headers) = (request.uri().clone(), request.headers().clone());
            let transmission = Transmission {
                operation: "fetch_block",
                attempt: attempt.number,
                request,
                profiles: Vec::new(),
                pause: Duration::ZERO,
                fresh_connection: attempt.fresh_connection,
                response_limit: operation.limit(),
                creates: false,
            };
            let (told, _) = port.send(transmission).await;
            let target = match &told {
                Told::Response(response, _) if redirects < MOST_REDIRECTS => {
                    location(response).and_then(|to| without_credentials(&uri, to))
                }
                _ => None,
            };
            let Some(target) = target else { break told };
            redirects += 1;
            request = Request::new(RequestBody::Empty);
            *request.method_mut() = Method::GET;
            *request.uri_mut() = target;
            *request.headers_mut() = headers;
        };
        let failed = match told {
            Told::Failure(error, delivery) => Failed::silent(error, delivery),
            Told::Response(response, delivery) => {
                let mut borrowed = Response::new(&response.body()[..]);
                *borrowed.status_mut() = response.status();
                borrowed.headers_mut().clone_from(response.headers());
                match operation.parse(&borrowed) {
                    Ok(Cow::Borrowed(_)) => return Ok(response.into_body()),
                    Ok(Cow::Owned(block)) => return Ok(block.into()),
                    Err(error) => Failed::refused(error, delivery),
                }
            }
        };
        attempts.again(failed, true).await?;
    }
}
