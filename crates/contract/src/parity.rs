//! Checks that a surface has everything in `api.json`, documented with its sentences, and nothing
//! else.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Api, Parameter, Report, Scenario,
    report::{Found, OperationFound},
};

/// The surface that runs scenarios without a socket and a disk.
const CORE: &str = "core";

impl Report {
    /// Returns what a surface lacks, and what it has that isn't in the contract.
    ///
    /// Names, types, defaults and the sentences of `api.json` are compared. Only `core` reports no
    /// surface, and may skip a scenario that explains why.
    #[must_use]
    pub fn gaps(&self, name: &str, api: &Api, scenarios: &[Scenario]) -> Vec<String> {
        let native = serde_json::from_str(include_str!("../native-types.json"));
        let (native, found) = match native {
            Ok(native) => (native, Vec::new()),
            Err(cause) => (
                NativeTypes::new(),
                vec![format!("native-types.json: {cause}")],
            ),
        };
        let mut gaps = Gaps {
            surface: name,
            native,
            found,
        };
        let wanted: BTreeSet<String> = scenarios
            .iter()
            .filter(|scenario| name != CORE || scenario.beyond_core.is_none())
            .map(|scenario| scenario.id.clone())
            .collect();
        gaps.names("scenario", &wanted, &self.ran);
        let Some(surface) = &self.surface else {
            if name != CORE {
                gaps.found
                    .push("it tells nothing of its surface".to_owned());
            }
            return gaps.found;
        };
        gaps.operations(api, &surface.operations);
        gaps.parameters("client setting", &api.client, &surface.client);
        gaps.parameters("retry policy:", &api.retry, &surface.retry);
        gaps.nested("type", &api.types, &surface.types);
        gaps.nested("words of", &api.words, &surface.words);
        gaps.sentences("error kind", &api.error_kinds, &surface.error_kinds);
        gaps.sentences("error field", &api.error_fields, &surface.error_fields);
        gaps.found
    }
}

struct Gaps<'a> {
    surface: &'a str,
    native: NativeTypes,
    found: Vec<String>,
}

/// What each surface calls the types of `api.json`.
type NativeTypes = BTreeMap<String, BTreeMap<String, Vec<String>>>;

impl Gaps<'_> {
    fn operations(&mut self, api: &Api, found: &BTreeMap<String, OperationFound>) {
        let found = by_word(found);
        let wanted = api.operations.iter().map(|it| it.name.clone()).collect();
        self.names("operation", &wanted, &found.keys().cloned().collect());
        for operation in &api.operations {
            let Some(found) = found.get(&operation.name) else {
                continue;
            };
            let what = format!("operation {}", operation.name);
            self.sentence(&what, &operation.doc, &found.doc);
            let mut wanted: BTreeMap<String, Parameter> = operation.arguments.clone();
            let options = api.options_of(operation).into_iter();
            wanted.extend(options.map(|(name, option)| (name.to_owned(), option.clone())));
            self.parameters(&format!("{what}:"), &wanted, &found.takes);
        }
    }

    fn parameters(
        &mut self,
        what: &str,
        wanted: &BTreeMap<String, Parameter>,
        found: &BTreeMap<String, Found>,
    ) {
        let found = by_word(found);
        let names = |names: &BTreeMap<String, _>| names.keys().cloned().collect();
        self.names(what, &wanted.keys().cloned().collect(), &names(&found));
        for (name, parameter) in wanted {
            let Some(found) = found.get(name) else {
                continue;
            };
            let what = format!("{what} {name}");
            self.sentence(&what, &parameter.doc, &found.doc);
            if let Some(of) = &found.of
                && !self.is_native(&parameter.of, of)
            {
                let wanted = &parameter.of;
                self.found
                    .push(format!("{what} is {of}, which isn't {wanted}"));
            }
            if let Some(default) = &found.default
                && Some(default) != parameter.default.as_ref().filter(|it| !it.is_null())
            {
                self.found
                    .push(format!("the default of {what} is {default}"));
            }
        }
    }

    fn nested(
        &mut self,
        what: &str,
        wanted: &BTreeMap<String, BTreeMap<String, String>>,
        found: &BTreeMap<String, BTreeMap<String, Found>>,
    ) {
        let found = by_word(found);
        let names = wanted.keys().map(|name| word(name)).collect();
        self.names(what, &names, &found.keys().cloned().collect());
        for (name, inner) in wanted {
            if let Some(found) = found.get(&word(name)) {
                self.sentences(&format!("{what} {name}:"), inner, found);
            }
        }
    }

    fn sentences(
        &mut self,
        what: &str,
        wanted: &BTreeMap<String, String>,
        found: &BTreeMap<String, Found>,
    ) {
        let found = by_word(found);
        let names = wanted.keys().map(|name| word(name)).collect();
        self.names(what, &names, &found.keys().cloned().collect());
        for (name, sentence) in wanted {
            if let Some(found) = found.get(&word(name)) {
                self.sentence(&format!("{what} {name}"), sentence, &found.doc);
            }
        }
    }

    /// Returns whether a type in the language's own words corresponds to `of` in
    /// `native-types.json`. Types that aren't listed there may have any name.
    fn is_native(&self, of: &str, native: &str) -> bool {
        let names = self.native.get(self.surface).and_then(|it| it.get(of));
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        names.is_none_or(|names| names.iter().any(|name| bare(name) == bare(native)))
    }

    /// The contract's sentence must be in the documentation, which may contain more.
    fn sentence(&mut self, what: &str, sentence: &str, doc: &str) {
        if !plain(doc).contains(plain(sentence).trim_end_matches('.')) {
            self.found
                .push(format!("{what} isn't documented by {sentence:?}"));
        }
    }

    fn names(&mut self, what: &str, wanted: &BTreeSet<String>, found: &BTreeSet<String>) {
        let missing = wanted.difference(found);
        self.found
            .extend(missing.map(|name| format!("{what} {name} is missing")));
        let unknown = found.difference(wanted);
        self.found
            .extend(unknown.map(|name| format!("{what} {name} isn't in the contract")));
    }
}

fn by_word<T>(names: &BTreeMap<String, T>) -> BTreeMap<String, &T> {
    names.iter().map(|(name, it)| (word(name), it)).collect()
}

/// Converts a name to snake case: `pinByCid`, `PinByCid` and `PIN_BY_CID` become `pin_by_cid`.
fn word(name: &str) -> String {
    let mut word = String::new();
    let mut after_small = false;
    for char in name.chars() {
        if char.is_uppercase() && after_small {
            word.push('_');
        }
        after_small = char.is_lowercase() || char.is_numeric();
        word.extend(char.to_lowercase());
    }
    word
}

/// Removes markup, line breaks and link targets from documentation.
fn plain(doc: &str) -> String {
    let mut plain = String::new();
    let mut rest = doc;
    while let Some(char) = rest.chars().next() {
        rest = &rest[char.len_utf8()..];
        match char {
            '`' | '*' | '[' => {}
            ']' => {
                if let Some(target) = rest.strip_prefix('(')
                    && let Some(end) = target.find(')')
                {
                    rest = &target[end + 1..];
                }
            }
            _ => plain.push(char),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
