//! `w3pin sync DIR --name NAME`

use w3pin::{Client, Pin, PinOptions, SyncOutcome, Synced, preview_upload};

use crate::{
    args::SyncFolder,
    failure::Failure,
    output::{Output, bytes},
};

pub(crate) async fn run(
    sync: &SyncFolder,
    client: &Client,
    output: &Output,
) -> Result<(), Failure> {
    let bar = output.messages().bar(&sync.name);
    let options = sync.options()?.progress(bar.follow());
    let synced = client
        .sync_folder(sync.folder.as_path(), &sync.name, options)
        .await;
    drop(bar);
    let synced = synced.map_err(|error| Failure::of(error, &sync.folder.display().to_string()))?;
    if output.is_json() {
        output.document(&synced);
    } else if output.is_for_people() {
        let mut lines = lines(sync, &synced);
        if sync.dry_run && synced.outcome == SyncOutcome::Pinned {
            lines.push(upload(sync, client).await?);
        }
        output.lines(lines);
    } else {
        output.row(&[
            synced.outcome.as_str(),
            synced.cid.as_str(),
            synced.pin.as_ref().map_or("", |pin| pin.id.as_str()),
            &synced.contenthash(),
            &synced.dnslink(),
        ]);
    }
    tell_removed(sync, &synced, output);
    Ok(())
}

fn lines(sync: &SyncFolder, synced: &Synced) -> Vec<String> {
    let state = match (synced.outcome, sync.dry_run) {
        (SyncOutcome::Unchanged, _) => "unchanged",
        (SyncOutcome::Pinned, true) => "would be sent and pinned",
        (SyncOutcome::Pinned, false) => "pinned",
    };
    let mut lines = vec![
        format!("{} {state}", sync.folder.display()),
        format!("  cid          {}", synced.cid),
    ];
    if let Some(pin) = &synced.pin {
        lines.push(format!("  id           {}", pin.id));
    }
    lines.push(format!("  contenthash  {}", synced.contenthash()));
    lines.push(format!("  dnslink      {}", synced.dnslink()));
    lines.push(format!("  kept         {}", synced.kept.len()));
    lines
}

/// Reports what a dry run would send.
async fn upload(sync: &SyncFolder, client: &Client) -> Result<String, Failure> {
    let mut options = PinOptions::new().name(&sync.name).walk(sync.walk());
    options.profile = Some(sync.profile.unwrap_or(*client.profile()));
    let folder = sync.folder.clone();
    let preview = super::blocking(move || preview_upload(folder, &options)).await??;
    let (files, size) = (preview.files.len(), bytes(preview.size));
    let noun = if files == 1 { "file" } else { "files" };
    Ok(format!("  upload       {files} {noun}, {size}"))
}

/// Reports which older deploys are unpinned, and which aren't yet.
fn tell_removed(sync: &SyncFolder, synced: &Synced, output: &Output) {
    let verb = if sync.dry_run {
        "would unpin"
    } else {
        "unpinned"
    };
    for id in &synced.removed {
        output.note(&format!("{verb} the older deploy {id}"));
    }
    for id in &synced.postponed {
        output.note(&format!(
            "left the older deploy {id} for the next sync to unpin"
        ));
    }
    let held_by_another = |pin: &Pin| pin.already_pinned && !pin.is_deploy(&sync.name);
    if synced.pin.as_ref().is_some_and(held_by_another) {
        output.warn(
            "the service doesn't pin content twice, and another pin holds this content; nothing was removed, \
             and the folder is sent again next time",
        );
    }
}
