use std::{fs, path::Path, time::Instant};

use w3pin::{BatchOptions, Client, Credentials, Endpoint, ListOptions, PinId, PinOptions, Verify};

use super::{Task, cannot, figures, repeat, runtime};
use crate::{Result, measure::Figures, sink::PIN_ID};

pub(super) fn run(task: &Task) -> Result<Figures> {
    runtime()?.block_on(work(task))
}

fn client(url: &str, ca: Option<&Path>) -> Result<Client> {
    let mut builder = Client::builder()
        .credentials(Credentials::new("key", "secret")?)
        .endpoint(url.parse::<Endpoint>()?)
        .no_proxy();
    if let Some(pem) = ca {
        builder = builder.root_certificates_pem(&fs::read(pem)?);
    }
    Ok(builder.build()?)
}

fn unproved() -> PinOptions {
    PinOptions::new().verify(Verify::Off)
}

async fn work(task: &Task) -> Result<Figures> {
    let began = Instant::now();
    match task {
        Task::Upload { url, file, ca } => {
            client(url, ca.as_deref())?
                .pin_file(file, unproved())
                .await?;
        }
        Task::Folder { url, folder } => {
            client(url, None)?.pin_folder(folder, unproved()).await?;
        }
        Task::Files {
            url,
            folder,
            concurrency,
        } => {
            let client = client(url, None)?;
            let files = super::std_socket::files(folder)?;
            let began = Instant::now();
            let options = BatchOptions::new()
                .concurrency(*concurrency)?
                .each(unproved());
            for pinned in client.pin_files(files, options).await {
                pinned?;
            }
            return Ok(figures(began, Vec::new()));
        }
        Task::Calls {
            url,
            count,
            concurrency,
        } => {
            let client = client(url, None)?;
            let id: PinId = PIN_ID.parse()?;
            let chains = vec![(client, id); *concurrency];
            return repeat(*count, chains, async |(client, id): (Client, PinId)| {
                client.get_pin(&id).await?;
                Ok((client, id))
            })
            .await;
        }
        Task::List { url, count } => {
            let chains = vec![client(url, None)?];
            return repeat(*count, chains, async |client: Client| {
                let page = client.list_pins(&ListOptions::new().limit(1_000)?).await?;
                if page.pins.len() == 1_000 {
                    Ok(client)
                } else {
                    cannot()
                }
            })
            .await;
        }
        Task::Synced { .. } => return cannot(),
    }
    Ok(figures(began, Vec::new()))
}
