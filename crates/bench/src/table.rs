use serde::{Deserialize, Serialize};

use crate::measure::Run;

/// The runs of a workload, by program.
#[derive(Deserialize, Serialize)]
pub(crate) struct Table {
    pub(crate) id: String,
    pub(crate) title: String,
    /// The baseline program.
    pub(crate) base: String,
    pub(crate) rows: Vec<Row>,
}

/// The runs of one program, by round.
#[derive(Deserialize, Serialize)]
pub(crate) struct Row {
    pub(crate) program: String,
    pub(crate) runs: Vec<Run>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
}

impl Table {
    pub(crate) fn row(&self, program: &str) -> Option<&Row> {
        self.rows
            .iter()
            .find(|row| row.program == program && !row.runs.is_empty())
    }

    /// The median over all rounds of the figure of `of` divided by that of `to` in the same round.
    pub(crate) fn ratio(&self, of: &str, to: &str, figure: impl Fn(&Run) -> f64) -> Option<f64> {
        let (of, to) = (self.row(of)?, self.row(to)?);
        let rounds = of.runs.iter().zip(&to.runs);
        Some(median(rounds.map(|(of, to)| figure(of) / figure(to))))
    }
}

impl Row {
    pub(crate) fn median(&self, figure: impl Fn(&Run) -> f64) -> f64 {
        median(self.runs.iter().map(figure))
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
