//! Decodes compressed responses, although the client doesn't request any.

use std::{borrow::Cow, io::Read};

use http::{HeaderMap, StatusCode, header};

use crate::{Error, ErrorKind, Result, printable};

/// The byte-order mark that some services send.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns the text of a body of at most `limit` bytes, without a byte-order mark.
///
/// # Errors
/// The errors of [`decoded`].
pub(crate) fn text<'a>(
    status: StatusCode,
    headers: &HeaderMap,
    body: &'a [u8],
    limit: usize,
) -> Result<Cow<'a, [u8]>> {
    Ok(match decoded(status, headers, body, limit)? {
        Cow::Borrowed(body) => body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body).into(),
        Cow::Owned(mut body) => {
            if body.starts_with(BYTE_ORDER_MARK) {
                body.drain(..BYTE_ORDER_MARK.len());
            }
            body.into()
        }
    })
}

/// Decompresses a body to at most `limit` bytes.
///
/// # Errors
/// [`Decode`](ErrorKind::Decode) if the encoding is unsupported or invalid.
pub(crate) fn decoded<'a>(
    status: StatusCode,
    headers: &HeaderMap,
    body: &'a [u8],
    limit: usize,
) -> Result<Cow<'a, [u8]>> {
    let encoding = headers
        .get(header::CONTENT_ENCODING)
        .map_or("", |value| value.to_str().unwrap_or("unknown"))
        .trim()
        .to_ascii_lowercase();
    let inflated = match encoding.as_str() {
        _ if body.is_empty() => return Ok(body.into()),
        "" | "identity" => return Ok(body.into()),
        "gzip" | "x-gzip" => inflated(flate2::read::MultiGzDecoder::new(body), limit),
        "deflate" => inflated(flate2::read::ZlibDecoder::new(body), limit),
        _ => {
            return Err(Error::new(
                ErrorKind::Decode,
                format!(
                    "the response is compressed with {:?}, which wasn't requested and isn't supported",
                    printable(&encoding)
                ),
            )
            .with_status(status));
        }
    };
    inflated
        .map(Cow::Owned)
        .map_err(|cause| broken(status, &encoding, &cause))
}

fn inflated(reader: impl Read, limit: usize) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX);
    reader.take(most.saturating_add(1)).read_to_end(&mut body)?;
    if body.len() > limit {
        return Err(std::io::Error::other(format!(
            "it has more than {limit} bytes"
        )));
    }
    Ok(body)
}

fn broken(status: StatusCode, encoding: &str, cause: &std::io::Error) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!("the response can't be decompressed with {encoding}: {cause}"),
    )
    .with_status(status)
    .with_retryable(true)
}
