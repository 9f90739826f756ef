//! `GET /pins/`

use http::{Method, Response, Uri};
use url::form_urlencoded;

use super::{
    Operation, Semantics,
    psa::{answer, ask},
};
use crate::{
    Credentials, Endpoint, ListOptions, NoBody, Page, RequestBody, Result,
    values::page::LenientPage,
};

/// Lists one page of the account's pins.
///
/// ```
/// use w3pin_core::{Endpoint, ListOptions, ListPins, Operation, PinnedFilter};
///
/// let list = ListPins::new(ListOptions::new().pinned(PinnedFilter::Pinned));
/// let uri = list.uri(&Endpoint::default())?;
/// assert_eq!(uri.query(), Some("offset=0&limit=10&pinned=true&sortBy=created_at&sortOrder=DESC"));
/// # Ok::<(), w3pin_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ListPins {
    /// The selection of pins.
    pub options: ListOptions,
}

impl ListPins {
    /// Lists the pins of this selection.
    #[must_use]
    pub fn new(options: ListOptions) -> Self {
        Self { options }
    }
}

impl Operation for ListPins {
    const NAME: &'static str = "list_pins";
    const SEMANTICS: Semantics = Semantics::Safe;
    const METHOD: Method = Method::GET;
    type Body = NoBody;
    type Output = Page;

    fn uri(&self, endpoint: &Endpoint) -> Result<Uri> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("offset", &self.options.offset.to_string())
            .append_pair("limit", &self.options.page_limit().to_string())
            .append_pair("pinned", self.options.pinned.as_wire())
            .append_pair("sortBy", self.options.sort_by.as_str())
            .append_pair("sortOrder", self.options.sort_order.as_wire());
        if !self.options.keyvalues.is_empty() {
            query.append_pair(
                "metadata",
                &serde_json::json!(self.options.keyvalues).to_string(),
            );
        }
        endpoint.join(&format!("/pins/?{}", query.finish()))
    }

    fn body(&self) -> NoBody {
        NoBody
    }

    fn output(&self, response: Response<&[u8]>) -> Result<Page> {
        super::data(response.clone()).or_else(|error| {
            // Entries are parsed individually only if the page as a whole can't be.
            match super::data::<LenientPage>(response) {
                Ok(page) => Ok(page.into()),
                Err(_) => Err(error),
            }
        })
    }

    fn ask(&self) -> Result<(String, RequestBody)> {
        ask::list(&self.options)
    }

    fn answer(&self, response: Response<&[u8]>) -> Result<Page> {
        answer::page(&response)
    }

    fn redact(page: &mut Page, credentials: &Credentials) {
        page.pins.iter_mut().for_each(|pin| pin.redact(credentials));
        for entry in &mut page.unreadable {
            for text in [Some(&mut entry.reason), entry.id.as_mut()]
                .into_iter()
                .flatten()
            {
                *text = credentials.redact(text).into_owned();
            }
        }
    }

    fn response_limit(&self) -> usize {
        const SMALLEST: usize = 1024 * 1024;
        const LARGEST: usize = 32 * 1024 * 1024;
        const ENTRY: usize = 64 * 1024;
        let limit = usize::try_from(self.options.page_limit().get()).unwrap_or(usize::MAX);
        limit.saturating_mul(ENTRY).clamp(SMALLEST, LARGEST)
    }
}
