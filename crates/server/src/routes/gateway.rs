use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use percent_encoding::percent_decode_str;
use w3pin_unixfs::{Cid, Kind, decode};

use self::{
    file_bytes::FileBytes,
    query::GatewayQuery,
    range::Requested,
    resolve::{Blocks, Found},
};
use crate::{app::App, connections::Peer, envelope::Refusal};

mod content_type;
mod file_bytes;
mod listing;
mod query;
mod range;
mod resolve;

/// The content type of a single block (RFC 6838 registration by IPLD).
const RAW_BLOCK: &str = "application/vnd.ipld.raw";
/// What a CID names never changes.
const CACHE_CONTROL: &str = "public, max-age=29030400, immutable";

/// Scripts of a pinned page run, but in an origin of nobody's: they read nothing else of this server, and
/// nothing that a browser keeps for it.
const SANDBOX: &str = "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts";

/// The gateway, whose pages are `sandboxed` where the API is of the same origin.
pub(super) fn router(sandboxed: bool) -> Router<Arc<App>> {
    let each = move |request: Request, next: Next| async move {
        let mut response = match request.headers().get("service-worker") {
            // It would come between the reader and all other content.
            Some(_) => Refusal::bad_request("service workers aren't served").into_response(),
            None => next.run(request).await,
        };
        let headers = response.headers_mut();
        for (name, value) in SHARED {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if sandboxed {
            let sandbox = HeaderValue::from_static(SANDBOX);
            headers.insert(header::CONTENT_SECURITY_POLICY, sandbox);
        }
        response
    };
    Router::new()
        .route("/ipfs/{*path}", get(serve).options(preflight))
        .layer(middleware::from_fn(each))
}

/// What is public by its CID may be read by every page.
const SHARED: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        "Content-Length, Content-Range, ETag",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "cross-origin",
    ),
];

/// `OPTIONS`: what a browser asks before it sends a request with headers of its own.
async fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Accept, If-None-Match, If-Range, Range",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// `GET /ipfs/<cid>[/path]`: content by its CID, without credentials. Follows the IPFS path gateway
/// specification for files, folders and raw blocks.
async fn serve(State(app): State<Arc<App>>, request: Request) -> Result<Response, Refusal> {
    let asked = GatewayRequest::parse(request.uri(), request.headers())?;
    let who = Peer::party_of(request.extensions());
    let blocks = Blocks { app, who };
    let found = blocks.walk(&asked.root, &asked.path).await?;
    if asked.query.raw {
        return Ok(raw_block(&asked, found));
    }
    let node = decode(&found.cid, &found.block).map_err(|cause| undecodable(&cause))?;
    match node.kind() {
        Kind::Raw | Kind::File => file(&blocks, &asked, asked.name(), found).await,
        Kind::Directory | Kind::HamtShard => folder(&blocks, asked, found).await,
        Kind::Symlink => Err(Refusal::not_found(
            "this is a symlink, and they are not followed",
        )),
    }
}

/// What a request asks for.
struct GatewayRequest {
    root: Cid,
    path: Vec<String>,
    /// The path as it was sent, without a last slash.
    location: String,
    last_slash: bool,
    query: GatewayQuery,
    /// The query as it was sent, with its question mark.
    query_text: String,
    headers: HeaderMap,
}

impl GatewayRequest {
    fn parse(uri: &Uri, headers: &HeaderMap) -> Result<Self, Refusal> {
        let sent = uri.path().strip_prefix("/ipfs/").unwrap_or_default();
        let mut segments = sent
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| {
                let segment = percent_decode_str(segment).decode_utf8();
                segment.map_err(|_| Refusal::bad_request("the path isn't UTF-8"))
            });
        let root = segments.next().transpose()?.unwrap_or_default();
        let root: w3pin_core::Cid = root
            .parse()
            .map_err(|cause| Refusal::bad_request(format!("invalid cid: {cause}")))?;
        let path = segments.map(|segment| Ok(segment?.into_owned()));
        Ok(Self {
            root: *root.as_cid(),
            path: path.collect::<Result<_, Refusal>>()?,
            location: uri.path().trim_end_matches('/').to_owned(),
            last_slash: uri.path().ends_with('/'),
            query: GatewayQuery::parse(uri, headers)?,
            query_text: uri
                .query()
                .map_or_else(String::new, |query| format!("?{query}")),
            headers: headers.clone(),
        })
    }

    /// The name that tells the type of a file.
    fn name(&self) -> &str {
        let given = self.query.filename.as_deref();
        given.unwrap_or_else(|| self.path.last().map_or("", String::as_str))
    }

    /// 304 where the client has this already.
    fn not_modified(&self, etag: &HeaderValue) -> Option<Response> {
        let known = self.headers.get(header::IF_NONE_MATCH)?.to_str().ok()?;
        let tags = known
            .split(',')
            .map(|tag| tag.trim().trim_start_matches("W/"));
        let etag_text = etag.to_str().ok()?;
        tags.into_iter()
            .any(|tag| tag == "*" || tag == etag_text)
            .then(|| {
                let headers = [
                    (header::ETAG, etag.clone()),
                    (
                        header::CACHE_CONTROL,
                        HeaderValue::from_static(CACHE_CONTROL),
                    ),
                ];
                (StatusCode::NOT_MODIFIED, headers).into_response()
            })
    }
}

fn raw_block(asked: &GatewayRequest, found: Found) -> Response {
    let etag = quoted(&format!("{}.raw", found.cid));
    if let Some(response) = asked.not_modified(&etag) {
        return response;
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(RAW_BLOCK)),
        (header::CONTENT_DISPOSITION, attachment(&found.cid)),
        (header::ETAG, etag),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static(CACHE_CONTROL),
        ),
    ];
    (headers, found.block).into_response()
}

async fn file(
    blocks: &Blocks,
    asked: &GatewayRequest,
    name: &str,
    found: Found,
) -> Result<Response, Refusal> {
    let etag = quoted(&found.cid.to_string());
    if let Some(response) = asked.not_modified(&etag) {
        return Ok(response);
    }
    let size = found.file_size();
    let (range, part) = match Requested::parse(&asked.headers, &etag, size) {
        Requested::Whole => (0..size, None),
        Requested::Part(range) => (range.clone(), Some(range)),
        Requested::Unsatisfiable => {
            let status = StatusCode::RANGE_NOT_SATISFIABLE;
            let refusal = Refusal::new(status, format!("the content has {size} bytes"));
            let mut response = refusal.into_response();
            set(
                response.headers_mut(),
                header::CONTENT_RANGE,
                &format!("bytes */{size}"),
            );
            return Ok(response);
        }
    };
    let head = FileBytes::head(blocks, &found).await?;
    let content_type = content_type::content_type(name, &head, head.len() as u64 == size);
    let length = range.end - range.start;
    let body = FileBytes::stream(blocks, found, range).await?;
    let mut response = sized(body, length);
    if part.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    let headers = response.headers_mut();
    if let Some(part) = part {
        let content_range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        set(headers, header::CONTENT_RANGE, &content_range);
    }
    set(headers, header::CONTENT_TYPE, &content_type);
    if let Some(disposition) = asked.query.disposition(name) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert(header::ETAG, etag);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(CACHE_CONTROL),
    );
    Ok(response)
}

/// A folder shows its `index.html`, or a list of what is in it.
async fn folder(blocks: &Blocks, asked: GatewayRequest, found: Found) -> Result<Response, Refusal> {
    let index = match blocks.entry(&found, "index.html").await? {
        Some(cid) => Some(blocks.fetch(&cid).await?),
        None => None,
    };
    match index {
        Some(_) if !asked.last_slash => {
            // Without the slash the page's relative links would lead beside the folder.
            let location = set_value(&format!("{}/{}", asked.location, asked.query_text));
            let headers = [(header::LOCATION, location)];
            Ok((StatusCode::MOVED_PERMANENTLY, headers).into_response())
        }
        Some(index) if index.is_file() => file(blocks, &asked, "index.html", index).await,
        _ => {
            let etag = quoted(&found.cid.to_string());
            if let Some(response) = asked.not_modified(&etag) {
                return Ok(response);
            }
            let headers = [
                (
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("text/html; charset=utf-8"),
                ),
                (header::ETAG, etag),
            ];
            let name = asked.path.last().cloned();
            let name = name.unwrap_or_else(|| asked.root.to_string());
            let base = listing::base(&name, asked.last_slash);
            let page = listing::stream(blocks, found, &asked.location, &base);
            Ok((headers, page).into_response())
        }
    }
}

fn sized(body: Body, length: u64) -> Response {
    let mut response = body.into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length.into());
    response
}

fn quoted(text: &str) -> HeaderValue {
    set_value(&format!("\"{text}\""))
}

fn attachment(cid: &Cid) -> HeaderValue {
    set_value(&format!("attachment; filename=\"{cid}.bin\""))
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    headers.insert(name, set_value(value));
}

/// Only for texts made of CIDs, numbers, MIME types and URI paths, which a header can hold.
fn set_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn undecodable(cause: &w3pin_unixfs::DecodeError) -> Refusal {
    Refusal::bad_request(format!("this isn't a file or a folder: {cause}"))
}
