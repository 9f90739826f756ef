use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use w3pin_unixfs::{Cid, Kind, decode};

use self::{
    file_bytes::FileBytes,
    format::{DocumentType, Format, RAW_BLOCK},
    held_block::HeldBlock,
    query::disposition,
    range::Requested,
    request::GatewayRequest,
    resolve::{Blocks, Found, Resolved},
};
use crate::{app::App, connections::Peer, envelope::Refusal};

mod accept;
mod car;
mod content_type;
mod file_bytes;
mod format;
mod held_block;
mod ipld;
mod listing;
mod query;
mod range;
mod request;
mod resolve;
mod walk;

/// The content of a CID never changes.
const CACHE_CONTROL: &str = "public, max-age=29030400, immutable";
/// A folder's page may change with the server's version.
const LISTING_CACHE_CONTROL: &str = "public, max-age=604800, stale-while-revalidate=2678400";
const X_IPFS_ROOTS: HeaderName = HeaderName::from_static("x-ipfs-roots");
/// The most blocks along the path that a response names.
const MOST_ROOTS: usize = 64;

/// Scripts of a pinned page run, but in an opaque origin: they can't read anything else from this
/// server, or anything that the browser stores for it.
const SANDBOX: &str = "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts";

/// Returns the gateway's routes. Pages are `sandboxed` if the API has the same origin.
pub(super) fn router(sandboxed: bool) -> Router<Arc<App>> {
    let each = move |request: Request, next: Next| async move {
        let mut response = match request.headers().get("service-worker") {
            // It could intercept requests for all other content.
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

/// Public content may be read by every page.
const SHARED: [(HeaderName, &str); 5] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "Accept, Cache-Control, Content-Type, If-None-Match, If-Range, Range, User-Agent, \
         X-Requested-With",
    ),
    (
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        "Accept-Ranges, Content-Disposition, Content-Length, Content-Location, Content-Range, ETag, \
         Ipfs-Uri, Retry-After, X-Chunked-Output, X-Ipfs-Path, X-Ipfs-Roots, X-Stream-Output",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "cross-origin",
    ),
];

/// `OPTIONS`: the preflight request of a browser.
async fn preflight() -> Response {
    let headers = [(header::ACCESS_CONTROL_MAX_AGE, "86400")];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// `GET /ipfs/<cid>[/path]`: content by its CID, without credentials. Implements the specifications
/// of the IPFS path gateway, except for `_redirects` files, IPNS and TAR, and of the trustless
/// gateway.
async fn serve(State(app): State<Arc<App>>, request: Request) -> Result<Response, Refusal> {
    let asked = GatewayRequest::parse(&request)?;
    let who = Peer::party_of(request.extensions());
    let mut response = match answer(&Blocks { app, who }, &asked).await {
        Err(refusal) if asked.is_only_if_cached() => refusal.unless_cached().into_response(),
        answer => answer.into_response(),
    };
    asked.describe(response.headers_mut());
    Ok(response)
}

async fn answer(blocks: &Blocks, asked: &GatewayRequest) -> Result<Response, Refusal> {
    let resolved = blocks.walk(&asked.root, &asked.path).await?;
    let roots = resolved.roots.iter().take(MOST_ROOTS + 1);
    let roots: Vec<_> = roots.map(Cid::to_string).collect();
    let mut response = represent(blocks, asked, resolved).await?;
    let is_success = response.status().is_success();
    let headers = response.headers_mut();
    if roots.len() <= MOST_ROOTS {
        headers.insert(X_IPFS_ROOTS, set_value(&roots.join(",")));
    }
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    if let Some(location) = asked.content_location() {
        headers.insert(header::CONTENT_LOCATION, location);
    }
    if is_success && !headers.contains_key(header::CACHE_CONTROL) {
        let immutable = HeaderValue::from_static(CACHE_CONTROL);
        headers.insert(header::CACHE_CONTROL, immutable);
    }
    Ok(response)
}

/// Returns what a path leads to in the requested format.
async fn represent(
    blocks: &Blocks,
    asked: &GatewayRequest,
    resolved: Resolved,
) -> Result<Response, Refusal> {
    let kind = DocumentType::of_codec(resolved.found.cid.codec());
    match asked.format {
        Format::Raw => return raw_block(blocks, asked, resolved.found).await,
        Format::Car(params) => return car::car(blocks, asked, params, resolved),
        _ if resolved.remainder.is_empty() => {}
        _ => {
            return Err(Refusal::new(
                StatusCode::NOT_IMPLEMENTED,
                "the path leads to a value within a document; only whole documents can be served",
            ));
        }
    }
    let wanted = match (&asked.format, kind) {
        (Format::Document(wanted), Some(kind)) if kind.is_also(*wanted) => Some(*wanted),
        // Files aren't converted, but they may be such documents.
        (Format::Document(DocumentType::Json | DocumentType::Cbor), None) => None,
        (Format::Document(wanted), _) => return Err(format::not_acceptable(wanted.media_type())),
        _ => kind,
    };
    let found = resolved.found;
    if let Some(wanted) = wanted {
        return document(blocks, asked, wanted, found).await;
    }
    let node = decode(&found.cid, &found.block).map_err(|cause| undecodable(&cause))?;
    match node.kind() {
        Kind::Raw | Kind::File => {
            let etag = quoted(&found.cid.to_string());
            file(blocks, asked, asked.name(), etag, found).await
        }
        Kind::Directory | Kind::HamtShard => folder(blocks, asked, found).await,
        Kind::Symlink => symlink(asked, &found.cid, node.data()),
    }
}

async fn raw_block(
    blocks: &Blocks,
    asked: &GatewayRequest,
    found: Found,
) -> Result<Response, Refusal> {
    let name = asked.query.filename.clone();
    let name = name.unwrap_or_else(|| format!("{}.bin", found.cid));
    let about = About {
        etag: quoted(&format!("{}.raw", found.cid)),
        content_type: RAW_BLOCK,
        disposition: disposition("attachment", &name),
    };
    block(blocks, asked, about, found).await
}

/// Returns a document that is a single block, unchanged.
async fn document(
    blocks: &Blocks,
    asked: &GatewayRequest,
    kind: DocumentType,
    found: Found,
) -> Result<Response, Refusal> {
    let name = asked.query.filename.clone();
    let name = name.unwrap_or_else(|| format!("{}.{}", found.cid, kind.extension()));
    let shown = matches!(kind, DocumentType::Json | DocumentType::DagJson);
    let shown = shown && !asked.query.download;
    let about = About {
        etag: quoted(&format!("{}.{}", found.cid, kind.format())),
        content_type: kind.media_type(),
        disposition: disposition(if shown { "inline" } else { "attachment" }, &name),
    };
    block(blocks, asked, about, found).await
}

/// The headers that describe a block.
struct About {
    etag: HeaderValue,
    content_type: &'static str,
    disposition: HeaderValue,
}

/// Returns the requested bytes of a block.
async fn block(
    blocks: &Blocks,
    asked: &GatewayRequest,
    about: About,
    found: Found,
) -> Result<Response, Refusal> {
    if let Some(response) = asked.not_modified(&[&about.etag]) {
        return Ok(response);
    }
    let size = found.block.len() as u64;
    let part = match Requested::parse(&asked.headers, &about.etag, size) {
        Requested::Unsatisfiable => return Ok(unsatisfiable(size)),
        Requested::Whole => None,
        Requested::Part(range) => Some(range),
    };
    let range = part.clone().unwrap_or(0..size);
    // Both ends are within the block.
    let within = range.start as usize..range.end as usize;
    let body = HeldBlock::new(blocks, found).stream(within).await?;
    let mut response = sized(body, range.end - range.start);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(about.content_type),
    );
    headers.insert(header::CONTENT_DISPOSITION, about.disposition);
    set_range(&mut response, about.etag, part, size);
    Ok(response)
}

/// Returns the target of a symlink, which isn't followed.
fn symlink(asked: &GatewayRequest, cid: &Cid, target: &[u8]) -> Result<Response, Refusal> {
    let etag = quoted(&cid.to_string());
    if let Some(response) = asked.not_modified(&[&etag]) {
        return Ok(response);
    }
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("inode/symlink"),
        ),
        (header::ETAG, etag),
    ];
    Ok((headers, target.to_vec()).into_response())
}

async fn file(
    blocks: &Blocks,
    asked: &GatewayRequest,
    name: &str,
    etag: HeaderValue,
    found: Found,
) -> Result<Response, Refusal> {
    if let Some(response) = asked.not_modified(&[&etag]) {
        return Ok(response);
    }
    let size = found.file_size();
    let part = match Requested::parse(&asked.headers, &etag, size) {
        Requested::Unsatisfiable => return Ok(unsatisfiable(size)),
        Requested::Whole => None,
        Requested::Part(range) => Some(range),
    };
    let range = part.clone().unwrap_or(0..size);
    let head = FileBytes::head(blocks, &found).await?;
    let content_type = content_type::content_type(name, &head, head.len() as u64 == size);
    let length = range.end - range.start;
    let body = FileBytes::stream(blocks, found, range).await?;
    let mut response = sized(body, length);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, set_value(&content_type));
    if asked.query.download {
        let attachment = disposition("attachment", name);
        headers.insert(header::CONTENT_DISPOSITION, attachment);
    } else if asked.query.filename.is_some() {
        headers.insert(header::CONTENT_DISPOSITION, disposition("inline", name));
    }
    set_range(&mut response, etag, part, size);
    Ok(response)
}

/// Returns the `index.html` of a folder, or a listing.
async fn folder(
    blocks: &Blocks,
    asked: &GatewayRequest,
    found: Found,
) -> Result<Response, Refusal> {
    if !asked.last_slash {
        // Without the slash, relative links would resolve against the parent folder.
        let location = set_value(&format!("{}/{}", asked.location, asked.query_text));
        let headers = [(header::LOCATION, location)];
        return Ok((StatusCode::MOVED_PERMANENTLY, headers).into_response());
    }
    let etag = quoted(&found.cid.to_string());
    let index = blocks.entry(&found, "index.html", &mut Vec::new()).await?;
    if let Some(index) = index {
        let index = blocks.fetch(&index).await?;
        if index.is_file() {
            return file(blocks, asked, "index.html", etag, index).await;
        }
    }
    let version = env!("CARGO_PKG_VERSION");
    let listing_etag = quoted(&format!("DirIndex-w3pin-{version}_CID-{}", found.cid));
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (header::ETAG, listing_etag.clone()),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static(LISTING_CACHE_CONTROL),
        ),
    ];
    if let Some(response) = asked.not_modified(&[&listing_etag, &etag]) {
        return Ok((headers, response).into_response());
    }
    let page = listing::stream(blocks, found, &asked.location).await?;
    Ok((headers, page).into_response())
}

fn unsatisfiable(size: u64) -> Response {
    let status = StatusCode::RANGE_NOT_SATISFIABLE;
    let refusal = Refusal::new(status, format!("the content has {size} bytes"));
    let mut response = refusal.into_response();
    let content_range = set_value(&format!("bytes */{size}"));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_RANGE, content_range);
    response
}

/// Sets `Content-Range` and related headers.
fn set_range(
    response: &mut Response,
    etag: HeaderValue,
    part: Option<std::ops::Range<u64>>,
    size: u64,
) {
    if let Some(part) = part {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let content_range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_RANGE, set_value(&content_range));
    }
    let headers = response.headers_mut();
    headers.insert(header::ETAG, etag);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
}

fn sized(body: Body, length: u64) -> Response {
    let mut response = body.into_response();
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length.into());
    response
}

fn quoted(text: &str) -> HeaderValue {
    set_value(&format!("\"{text}\""))
}

/// Converts text that consists of CIDs, numbers, MIME types and URI paths, which are always valid
/// in a header.
fn set_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn undecodable(cause: &w3pin_unixfs::DecodeError) -> Refusal {
    Refusal::bad_request(format!("this isn't a file or a folder: {cause}"))
}
