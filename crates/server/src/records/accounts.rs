//! Accounts: who may call, and as whom. Secrets are kept as digests.

use redb::{ReadableTable, Table};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use uuid::Uuid;
use w3pin_core::Credentials;

use super::{Records, tables};
use crate::error::StoreError;

/// An account that may call the API.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    api_key: [u8; 32],
    secret_key: [u8; 32],
}

impl Account {
    /// The account that these keys belong to. How long this takes doesn't depend on the keys.
    pub(crate) fn find(accounts: &[Self], credentials: &Credentials) -> Option<Uuid> {
        let (api_key, secret_key) = digests(credentials);
        let mut found = Choice::from(0);
        let mut place = 0_u64;
        for (at, account) in (0_u64..).zip(accounts) {
            let same = api_key.ct_eq(&account.api_key) & secret_key.ct_eq(&account.secret_key);
            place.conditional_assign(&at, same);
            found |= same;
        }
        let place = usize::try_from(place).ok()?;
        bool::from(found)
            .then(|| accounts.get(place).map(|account| account.id))
            .flatten()
    }
}

/// An account with its API key, as an export has it.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeptAccount {
    api_key: String,
    #[serde(flatten)]
    kept: Kept,
}

impl KeptAccount {
    pub(crate) fn id(&self) -> Uuid {
        self.kept.id
    }
}

/// An account in the records.
#[derive(Serialize, Deserialize)]
struct Kept {
    id: Uuid,
    secret_sha256: [u8; 32],
    /// Whether the server made the keys; only such an account is let in without being given.
    generated: bool,
}

impl Records {
    /// Lets in the accounts that are `given`, or else those with generated keys. Where there is
    /// neither, one is made, and its keys are given back: they are not to be had again.
    ///
    /// An account is its API key: given again with another secret, it keeps its pins.
    pub(crate) fn accounts(
        &self,
        given: &[Credentials],
    ) -> Result<(Vec<Account>, Option<Credentials>), StoreError> {
        self.write(|transaction| {
            let mut table = transaction.open_table(tables::ACCOUNTS)?;
            let mut accounts = given
                .iter()
                .map(|credentials| keep(&mut table, credentials, false))
                .collect::<Result<Vec<_>, _>>()?;
            if accounts.is_empty() {
                accounts = with_generated_keys(&table)?;
            }
            let mut generated = None;
            if accounts.is_empty() {
                let credentials = generate()?;
                accounts.push(keep(&mut table, &credentials, true)?);
                generated = Some(credentials);
            }
            Ok((accounts, generated))
        })
    }
}

impl Records {
    /// All accounts.
    pub(crate) fn kept_accounts(&self) -> Result<Vec<KeptAccount>, StoreError> {
        self.read(|transaction| {
            let accounts = transaction.open_table(tables::ACCOUNTS)?;
            accounts
                .iter()?
                .map(|entry| {
                    let (api_key, json) = entry?;
                    Ok(KeptAccount {
                        api_key: api_key.value().to_owned(),
                        kept: parse(json.value())?,
                    })
                })
                .collect()
        })
    }

    /// Adds an account of another data folder, unless its API key is one here; gives its id here.
    pub(crate) fn take_account(&self, account: KeptAccount) -> Result<Uuid, StoreError> {
        let KeptAccount { api_key, kept } = account;
        self.write(|transaction| {
            let mut table = transaction.open_table(tables::ACCOUNTS)?;
            let here = table
                .get(&api_key[..])?
                .map(|json| parse(json.value()))
                .transpose()?;
            if let Some(here) = here {
                return Ok(here.id);
            }
            insert(&mut table, &api_key, &kept)?;
            Ok(kept.id)
        })
    }
}

fn insert(
    table: &mut Table<'_, &'static str, &'static [u8]>,
    api_key: &str,
    kept: &Kept,
) -> Result<(), StoreError> {
    let json =
        serde_json::to_vec(kept).map_err(|_| StoreError::Damaged("an account can't be written"))?;
    table.insert(api_key, &json[..])?;
    Ok(())
}

fn keep(
    table: &mut Table<'_, &'static str, &'static [u8]>,
    credentials: &Credentials,
    generated: bool,
) -> Result<Account, StoreError> {
    let api_key = std::str::from_utf8(credentials.api_key())
        .map_err(|_| StoreError::Damaged("an API key isn't text"))?;
    let before = table
        .get(api_key)?
        .map(|json| parse(json.value()))
        .transpose()?;
    let (api_digest, secret_digest) = digests(credentials);
    let kept = Kept {
        id: before.as_ref().map_or_else(Uuid::new_v4, |kept| kept.id),
        secret_sha256: secret_digest,
        generated: before.map_or(generated, |kept| kept.generated),
    };
    insert(table, api_key, &kept)?;
    Ok(Account {
        id: kept.id,
        api_key: api_digest,
        secret_key: secret_digest,
    })
}

fn with_generated_keys(
    table: &Table<'_, &'static str, &'static [u8]>,
) -> Result<Vec<Account>, StoreError> {
    let mut accounts = Vec::new();
    for entry in table.iter()? {
        let (api_key, json) = entry?;
        let kept = parse(json.value())?;
        if kept.generated {
            accounts.push(Account {
                id: kept.id,
                api_key: Sha256::digest(api_key.value()).into(),
                secret_key: kept.secret_sha256,
            });
        }
    }
    Ok(accounts)
}

fn digests(credentials: &Credentials) -> ([u8; 32], [u8; 32]) {
    (
        Sha256::digest(credentials.api_key()).into(),
        Sha256::digest(credentials.secret_key()).into(),
    )
}

fn parse(json: &[u8]) -> Result<Kept, StoreError> {
    serde_json::from_slice(json).map_err(|_| StoreError::Damaged("an account can't be read"))
}

/// Keys of the lengths that the service's have: 24 and 44 characters.
fn generate() -> Result<Credentials, StoreError> {
    Credentials::new(&random_text(24)?, &random_text(44)?)
        .map_err(|_| StoreError::Damaged("generated keys can't be sent"))
}

fn random_text(length: usize) -> Result<String, StoreError> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
        // 248 is the largest multiple of the alphabet's length, so that all characters are alike.
        let fair = bytes.iter().filter(|byte| **byte < 248);
        let characters = fair.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]));
        text.extend(characters.take(length - text.len()));
    }
    Ok(text)
}
