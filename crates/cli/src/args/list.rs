use std::time::Duration;

use w3pin::{PinId, PinnedFilter, SortBy, SortOrder, WaitPolicy};

use super::{
    Metadata,
    add::{at_least_one, wait_policy},
    duration,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Ls {
    /// Only pins that are pinned (true) or aren't (false)
    #[arg(long, value_name = "all|true|false", num_args = 0..=1, default_value = "all",
          default_missing_value = "true", value_parser = pinned)]
    pub(crate) pinned: PinnedFilter,
    /// The field to sort by: created_at, size or name
    #[arg(long, value_name = "FIELD", default_value_t)]
    pub(crate) sort: SortBy,
    /// The order: asc or desc
    #[arg(long, value_name = "WAY", default_value_t, value_parser = order)]
    pub(crate) order: SortOrder,
    /// How many pins to list, or to request at a time with --all [default: 10, or 100 with --all]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) limit: Option<u32>,
    /// How many pins to skip
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    pub(crate) offset: u64,
    /// List all pins
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) metadata: Metadata,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Get {
    /// The pin's id
    pub(crate) id: PinId,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Rm {
    /// The pins' ids; - reads them from standard input, one a line, as `w3pin ls` prints them
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<PinId>,
    /// How many pins to unpin at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = at_least_one(),
          allow_negative_numbers = true)]
    pub(crate) concurrency: u16,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Wait {
    /// The pin's id
    pub(crate) id: PinId,
    /// How long to wait, such as 90s or 10m
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    timeout: Duration,
    /// The longest interval between two checks of the pin
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    poll_interval: Duration,
}

impl Wait {
    pub(crate) fn policy(&self) -> WaitPolicy {
        wait_policy(self.timeout, self.poll_interval)
    }
}

/// Parses the words of the service's API, too.
fn pinned(word: &str) -> Result<PinnedFilter, &'static str> {
    match word {
        "true" => Ok(PinnedFilter::Pinned),
        "false" => Ok(PinnedFilter::Unpinned),
        word => word.parse().map_err(|_| "give all, true or false"),
    }
}

fn order(word: &str) -> Result<SortOrder, w3pin::Error> {
    word.to_lowercase().parse()
}
