use std::collections::{BTreeMap, HashSet};

use axum::extract::Query;
use http::Uri;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    pin::{parse_cid, require_name},
    status::word,
};
use crate::{
    content_key::ContentKey,
    envelope::Refusal,
    records::{NameFilter, PinSearch, State},
};

const DEFAULT_LIMIT: usize = 10;
const LARGEST_LIMIT: usize = 1000;
/// The most CIDs in a search.
const MOST_CIDS: usize = 10;

/// Parses the query of a search. Unknown parameters are ignored.
///
/// Ambiguous parameters are refused: a client that gets more pins than it asked for might remove
/// them.
pub(super) fn parse_search(uri: &Uri) -> Result<PinSearch, Refusal> {
    let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
        return Err(Refusal::bad_request("the query can't be parsed"));
    };
    let mut parameters = Parameters::default();
    for (name, value) in pairs {
        parameters.add(&name, value)?;
    }
    parameters.search()
}

/// The parameters as they were sent.
#[derive(Default)]
struct Parameters {
    cid: Option<String>,
    name: Option<String>,
    matching: Option<String>,
    status: Option<String>,
    before: Option<String>,
    after: Option<String>,
    limit: Option<String>,
    meta: Option<String>,
}

impl Parameters {
    fn add(&mut self, name: &str, value: String) -> Result<(), Refusal> {
        let (parameter, is_list) = match name {
            "cid" => (&mut self.cid, true),
            "status" => (&mut self.status, true),
            "name" => (&mut self.name, false),
            "match" => (&mut self.matching, false),
            "before" => (&mut self.before, false),
            "after" => (&mut self.after, false),
            "limit" => (&mut self.limit, false),
            "meta" => (&mut self.meta, false),
            _ => return Ok(()),
        };
        match parameter {
            None => *parameter = Some(value),
            // Some clients repeat the parameter for each item.
            Some(list) if is_list => {
                list.push(',');
                list.push_str(&value);
            }
            Some(_) => {
                let message = format!("{name} is given more than once");
                return Err(Refusal::bad_request(message));
            }
        }
        Ok(())
    }

    fn search(&self) -> Result<PinSearch, Refusal> {
        let (first, last) = PinSearch::EVER;
        let time = |name, text: &Option<String>, otherwise| {
            text.as_deref()
                .map_or(Ok(otherwise), |text| parse_time(name, text))
        };
        Ok(PinSearch {
            contents: self.contents()?,
            name: self.name_filter()?,
            states: self.states()?,
            after: time("after", &self.after, first)?,
            before: time("before", &self.before, last)?,
            keyvalues: self.pairs()?,
            limit: self.limit()?,
        })
    }

    fn contents(&self) -> Result<Vec<ContentKey>, Refusal> {
        let Some(list) = &self.cid else {
            return Ok(Vec::new());
        };
        if list.split(',').count() > MOST_CIDS {
            return Err(refuse("cid", "at most 10 CIDs"));
        }
        let contents = list.split(',').map(|cid| {
            let cid = parse_cid(cid)?;
            Ok(ContentKey::of(cid.as_cid()))
        });
        contents.collect()
    }

    fn name_filter(&self) -> Result<Option<NameFilter>, Refusal> {
        let [is_partial, ignores_case] = match self.matching.as_deref() {
            None | Some("exact") => [false, false],
            Some("iexact") => [false, true],
            Some("partial") => [true, false],
            Some("ipartial") => [true, true],
            Some(_) => return Err(refuse("match", "exact, iexact, partial or ipartial")),
        };
        let Some(name) = &self.name else {
            return Ok(None);
        };
        require_name(name)?;
        Ok(Some(NameFilter::new(name, is_partial, ignores_case)))
    }

    /// Returns the states to search for. The default is `pinned`, or all states if a name is given:
    /// the API's conformance suite looks up a new pin by its name.
    fn states(&self) -> Result<HashSet<State>, Refusal> {
        let Some(list) = &self.status else {
            let is_named = self.name.is_some();
            let states: &[State] = if is_named {
                &State::ALL
            } else {
                &[State::Pinned]
            };
            return Ok(states.iter().copied().collect());
        };
        let states = list.split(',').map(|given| {
            let state = State::ALL.into_iter().find(|state| word(*state) == given);
            state.ok_or_else(|| refuse("status", "a list of queued, pinning, pinned and failed"))
        });
        states.collect()
    }

    fn pairs(&self) -> Result<BTreeMap<String, String>, Refusal> {
        let Some(json) = &self.meta else {
            return Ok(BTreeMap::new());
        };
        serde_json::from_str(json).map_err(|_| refuse("meta", "a JSON object of strings"))
    }

    fn limit(&self) -> Result<usize, Refusal> {
        let Some(text) = &self.limit else {
            return Ok(DEFAULT_LIMIT);
        };
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let limit = text.parse().ok().filter(|_| is_number);
        limit
            .filter(|limit| (1..=LARGEST_LIMIT).contains(limit))
            .ok_or_else(|| refuse("limit", "an integer from 1 to 1000"))
    }
}

/// Parses a time (RFC 3339) to nanoseconds of Unix time, clamped to the range of pins.
fn parse_time(name: &str, text: &str) -> Result<i64, Refusal> {
    // An unescaped plus arrives as a space.
    let text = text.replace(' ', "+");
    let time = OffsetDateTime::parse(&text, &Rfc3339)
        .map_err(|_| refuse(name, "a time such as 2020-07-27T17:32:28.276Z"))?;
    let nanoseconds = time.unix_timestamp_nanos();
    Ok(i64::try_from(nanoseconds).unwrap_or(if nanoseconds < 0 { i64::MIN } else { i64::MAX }))
}

fn refuse(name: &str, expected: &str) -> Refusal {
    Refusal::bad_request(format!("invalid {name}: it must be {expected}"))
}
