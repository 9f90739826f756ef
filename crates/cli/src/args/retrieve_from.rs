use std::sync::{Arc, LazyLock};

use bytesize::ByteSize;
use futures_util::stream::BoxStream;
use w3pin::{Cid, DagBlock, DagLimits, Gateway, Result, Retriever};
use w3pin_server::{DagSource, Limits, ServerConfig};

use super::{Global, size::size};
use crate::{commands::blocking, failure::Failure, session::builder};

/// Where a server gets content that is pinned by CID.
///
/// The URLs are parsed in [`configure`](Self::configure), since clap's own errors would show their
/// passwords.
#[derive(Debug, clap::Args)]
pub(crate) struct RetrieveFrom {
    /// A gateway to fetch content from that is pinned by CID, which needn't be trusted; repeat the option for
    /// several, in the order to try them [env: W3PIN_RETRIEVE_FROM]
    #[arg(long, value_name = "URL")]
    retrieve_from: Vec<String>,
    /// The most bytes to fetch for one pin
    #[arg(long, value_name = "SIZE", default_value = MOST_BYTES.as_str(), value_parser = size)]
    retrieval_limit: u64,
}

/// The server's default limit as text.
static MOST_BYTES: LazyLock<String> = LazyLock::new(|| {
    let size = ByteSize::b(Limits::default().retrieval_bytes);
    size.display().iec().to_string().replace(".0 ", "")
});

impl RetrieveFrom {
    /// Applies the options to a configuration. Returns the gateways.
    pub(crate) async fn configure(
        &self,
        global: &Global,
        config: &mut ServerConfig,
    ) -> Result<Vec<Gateway>, Failure> {
        config.limits.retrieval_bytes = self.retrieval_limit;
        let listed = match global.variable("W3PIN_RETRIEVE_FROM") {
            Some(listed) if self.retrieve_from.is_empty() => vec![listed],
            _ => self.retrieve_from.clone(),
        };
        let gateways: Vec<Gateway> = listed
            .iter()
            // An empty list is rejected as an invalid URL.
            .flat_map(|urls| {
                let split = urls.split([',', ' ']);
                split.filter(|url| !url.is_empty() || urls.trim().is_empty())
            })
            .map(str::parse)
            .collect::<Result<_>>()
            .map_err(|error| error.with_field("retrieve_from"))?;
        if !gateways.is_empty() {
            let builder = builder(global).gateways(gateways.clone());
            let retriever = blocking(move || builder.retriever()).await??;
            config.source = Some(Arc::new(Source(retriever)));
        }
        Ok(gateways)
    }
}

/// Adapts gateways to the server's interface.
#[derive(Debug)]
struct Source(Retriever);

impl DagSource for Source {
    /// A wrong block disables a gateway for this DAG only, not as long as the server runs.
    fn dag(&self, root: Cid, limits: DagLimits) -> BoxStream<'static, Result<DagBlock>> {
        Box::pin(self.0.afresh().dag(&root, limits))
    }
}
