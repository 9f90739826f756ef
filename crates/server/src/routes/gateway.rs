use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Query, Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use percent_encoding::percent_decode_str;
use w3pin_unixfs::{Cid, Kind, decode};

use self::{file_bytes::FileBytes, range::Requested};
use crate::{app::App, envelope::Refusal};

mod file_bytes;
mod listing;
mod range;
mod resolve;

/// The content type of a single block (RFC 6838 registration by IPLD).
const RAW_BLOCK: &str = "application/vnd.ipld.raw";
/// What a CID names never changes.
const CACHE_CONTROL: &str = "public, max-age=29030400, immutable";

/// `GET /ipfs/<cid>[/path]`: content by its CID, without credentials. Follows the IPFS path gateway
/// specification for files, folders and raw blocks.
pub(super) async fn serve(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Refusal> {
    let asked = GatewayRequest::parse(request.uri(), request.headers())?;
    let found = resolve::walk(&app, &asked.root, &asked.path).await?;
    if asked.raw {
        return Ok(raw_block(&asked, found));
    }
    let node = decode(&found.cid, &found.block).map_err(|cause| undecodable(&cause))?;
    match node.kind() {
        Kind::Raw | Kind::File => file(&app, &asked, &asked.name(), found).await,
        Kind::Directory | Kind::HamtShard => folder(&app, asked, found).await,
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
    raw: bool,
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
            raw: wants_raw_block(uri, headers)?,
            headers: headers.clone(),
        })
    }

    /// The name that tells the type of a file.
    fn name(&self) -> String {
        self.path.last().cloned().unwrap_or_default()
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

fn wants_raw_block(uri: &Uri, headers: &HeaderMap) -> Result<bool, Refusal> {
    let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
        return Err(Refusal::bad_request("the query can't be read"));
    };
    match pairs.iter().find(|(name, _)| name == "format") {
        Some((_, format)) if format == "raw" => Ok(true),
        Some((_, format)) => {
            let format = crate::upload_path::Excerpt::of(format);
            Err(Refusal::bad_request(format!(
                "unsupported format {format}: raw is served"
            )))
        }
        None => {
            let accepted = headers.get_all(header::ACCEPT).iter();
            Ok(accepted
                .filter_map(|value| value.to_str().ok())
                .any(|value| {
                    value
                        .split([',', ';'])
                        .any(|kind| kind.trim().eq_ignore_ascii_case(RAW_BLOCK))
                }))
        }
    }
}

fn raw_block(asked: &GatewayRequest, found: resolve::Found) -> Response {
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
    app: &Arc<App>,
    asked: &GatewayRequest,
    name: &str,
    found: resolve::Found,
) -> Result<Response, Refusal> {
    let etag = quoted(&found.cid.to_string());
    if let Some(response) = asked.not_modified(&etag) {
        return Ok(response);
    }
    let size = found.file_size();
    let requested = Requested::parse(&asked.headers, &etag, size);
    let content_type = mime_guess::from_path(name).first_or_octet_stream();
    let mut response = match requested {
        Requested::Whole => sized(FileBytes::stream(app, found, 0..size).await?, size),
        Requested::Part(range) => {
            let content_range = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            let length = range.end - range.start;
            let mut response = sized(FileBytes::stream(app, found, range).await?, length);
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            set(
                response.headers_mut(),
                header::CONTENT_RANGE,
                &content_range,
            );
            response
        }
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
    let headers = response.headers_mut();
    set(headers, header::CONTENT_TYPE, content_type.essence_str());
    headers.insert(header::ETAG, etag);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(CACHE_CONTROL),
    );
    Ok(response)
}

/// A folder shows its `index.html`, or a list of what is in it.
async fn folder(
    app: &Arc<App>,
    asked: GatewayRequest,
    found: resolve::Found,
) -> Result<Response, Refusal> {
    let index = match resolve::entry(app, &found, "index.html").await? {
        Some(cid) => Some(resolve::fetch(app, &cid).await?),
        None => None,
    };
    match index {
        Some(_) if !asked.last_slash => {
            // Without the slash the page's relative links would lead beside the folder.
            let location = set_value(&format!("{}/", asked.location));
            let headers = [(header::LOCATION, location)];
            Ok((StatusCode::MOVED_PERMANENTLY, headers).into_response())
        }
        Some(index) if index.is_file() => file(app, &asked, "index.html", index).await,
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
            Ok((headers, listing::stream(app, found, &asked.location)).into_response())
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

fn set(headers: &mut HeaderMap, name: http::HeaderName, value: &str) {
    headers.insert(name, set_value(value));
}

/// Only for texts made of CIDs, numbers, MIME types and URI paths, which a header can hold.
fn set_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn undecodable(cause: &w3pin_unixfs::DecodeError) -> Refusal {
    Refusal::bad_request(format!("this isn't a file or a folder: {cause}"))
}
