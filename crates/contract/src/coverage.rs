//! Checks that the scenarios and the API agree.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{Answer, Api, Operation, Scenario};

impl Api {
    /// Returns what scenarios use that isn't in the API, or has another type: a runner could
    /// silently ignore it.
    #[must_use]
    pub fn unknown(&self, scenarios: &[Scenario]) -> Vec<String> {
        let problems = |scenario: &Scenario| -> Vec<String> {
            let mut problems = match self.operation(&scenario.operation) {
                Some(operation) => self.misfits(operation, scenario),
                None => vec![format!("there is no operation {}", scenario.operation)],
            };
            if let Some(error) = &scenario.expect.error
                && !self.error_kinds.contains_key(&error.kind)
            {
                problems.push(format!("there is no error kind {}", error.kind));
            }
            let answers = scenario.exchange.iter().map(|exchange| &exchange.answer);
            problems.extend(answers.filter_map(faulty));
            if !scenario
                .exchange
                .is_sorted_by_key(|exchange| exchange.optional)
            {
                problems.push("only the last requests can be optional".to_owned());
            }
            problems
        };
        scenarios
            .iter()
            .flat_map(|scenario| {
                problems(scenario)
                    .into_iter()
                    .map(|problem| format!("{}: {problem}", scenario.id))
            })
            .collect()
    }

    fn misfits(&self, operation: &Operation, scenario: &Scenario) -> Vec<String> {
        let mut problems: Vec<String> = operation
            .arguments
            .keys()
            .filter(|name| !scenario.arguments.contains_key(*name))
            .map(|name| format!("the argument {name} is missing"))
            .collect();
        let options = self.options_of(operation);
        let mut check = |what: &str,
                         given: &Map<String, Value>,
                         of: &dyn Fn(&str) -> Option<String>| {
            problems.extend(given.iter().filter_map(|(name, value)| {
                let Some(of) = of(name) else {
                    return Some(format!("there is no {what} {name}"));
                };
                match self.fits(&of, value) {
                    None => Some(format!("the {what} {name} is of the unknown type {of}")),
                    Some(false) => Some(format!("the {what} {name} isn't of type {of}: {value}")),
                    Some(true) => None,
                }
            }));
        };
        check("argument", &scenario.arguments, &|name| {
            operation.arguments.get(name).map(|it| it.of.clone())
        });
        check("option", &scenario.options, &|name| {
            options.get(name).map(|option| option.of.clone())
        });
        problems
    }

    /// Returns operations, options and error kinds without a scenario.
    #[must_use]
    pub fn uncovered(&self, scenarios: &[Scenario]) -> Vec<String> {
        let mut gaps = Vec::new();
        for operation in &self.operations {
            let mut shown = scenarios
                .iter()
                .filter(|scenario| scenario.operation == operation.name)
                .peekable();
            if shown.peek().is_none() {
                gaps.push(format!(
                    "no scenario shows the operation {}",
                    operation.name
                ));
                continue;
            }
            let set: BTreeSet<&str> = shown
                .flat_map(|scenario| scenario.options.keys())
                .map(String::as_str)
                .collect();
            let options = self.options_of(operation).into_keys();
            gaps.extend(
                options
                    .filter(|option| !set.contains(option))
                    .map(|option| format!("no scenario sets {option} of {}", operation.name)),
            );
        }
        let failed: BTreeSet<&str> = scenarios
            .iter()
            .filter_map(|scenario| scenario.expect.error.as_ref())
            .map(|error| error.kind.as_str())
            .collect();
        let kinds = self.error_kinds.keys().map(String::as_str);
        gaps.extend(
            kinds
                .filter(|kind| !failed.contains(kind))
                .map(|kind| format!("no scenario shows the error kind {kind}")),
        );
        gaps
    }
}

/// Returns why a scripted response is invalid.
fn faulty(answer: &Answer) -> Option<String> {
    let bodies = [
        answer.data.is_some(),
        answer.json.is_some(),
        answer.text.is_some(),
        answer.hex.is_some(),
    ];
    if bodies.into_iter().filter(|given| *given).count() > 1 {
        return Some("an answer has more than one body".to_owned());
    }
    let hex = answer.hex.as_deref().unwrap_or_default();
    let digits = hex.len().is_multiple_of(2) && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    (!digits).then(|| "an answer's hex isn't pairs of hexadecimal digits".to_owned())
}
