//! The recipes of `vectors/README.md`.

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit as _, StreamCipher as _};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// The bytes of a file, generated in pieces.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Content {
    Text { text: String },
    Hex { hex: String },
    Repeat { repeat_byte: u8, len: u64 },
    Mod { r#mod: u64, len: u64 },
    Lcg32 { lcg32_seed: u32, len: u64 },
    ChaCha20 { chacha20_seed: String, len: u64 },
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Folder {
    pub(crate) tree: Option<Vec<Entry>>,
    pub(crate) numbered: Option<Numbered>,
    pub(crate) kubo_random_names: Option<RandomNames>,
    pub(crate) long_names: Option<LongNames>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) content: Option<Content>,
    #[serde(default)]
    pub(crate) dir: bool,
    pub(crate) symlink: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Numbered {
    prefix: String,
    digits: usize,
    suffix: String,
    pub(crate) count: u64,
    #[serde(default)]
    start: u64,
    content: NumberedContent,
    under: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum NumberedContent {
    Named(String),
    Same(Content),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RandomNames {
    count: usize,
    name_len: usize,
    last_name_len: usize,
    seed: String,
    content: Content,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LongNames {
    count: usize,
    text: String,
}

const PIECE: usize = 1 << 20;

impl Content {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Text { text } => text.len() as u64,
            Self::Hex { hex } => hex.len() as u64 / 2,
            Self::Repeat { len, .. }
            | Self::Mod { len, .. }
            | Self::Lcg32 { len, .. }
            | Self::ChaCha20 { len, .. } => *len,
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.each(|piece| bytes.extend_from_slice(piece));
        bytes
    }

    /// Returns the content in pieces of 1 MiB; the last one may be shorter.
    pub(crate) fn each(&self, mut take: impl FnMut(&[u8])) {
        match self {
            Self::Text { text } => take(text.as_bytes()),
            Self::Hex { hex } => {
                let byte = |i: usize| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap();
                take(&(0..hex.len() / 2).map(byte).collect::<Vec<_>>());
            }
            Self::Repeat { repeat_byte, len } => {
                pieces(*len, take, |piece| piece.fill(*repeat_byte))
            }
            Self::Mod { r#mod, len } => {
                let period = usize::try_from(*r#mod).unwrap();
                let pattern: Vec<u8> = (0..PIECE + period)
                    .map(|i| u8::try_from(i % period).unwrap())
                    .collect();
                let mut start = 0;
                pieces(*len, take, |piece| {
                    piece.copy_from_slice(&pattern[start..start + piece.len()]);
                    start = (start + piece.len()) % period;
                });
            }
            Self::Lcg32 { lcg32_seed, len } => {
                let mut x = *lcg32_seed;
                pieces(*len, take, |piece| {
                    for byte in piece {
                        x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        *byte = (x >> 24) as u8;
                    }
                });
            }
            Self::ChaCha20 { chacha20_seed, len } => {
                let mut stream = keystream(chacha20_seed);
                pieces(*len, take, |piece| {
                    piece.fill(0);
                    stream.apply_keystream(piece);
                });
            }
        }
    }
}

fn pieces(len: u64, mut take: impl FnMut(&[u8]), mut fill: impl FnMut(&mut [u8])) {
    let mut left = usize::try_from(len).unwrap();
    let mut piece = vec![0; PIECE.min(left)];
    while left > 0 {
        let piece = &mut piece[..PIECE.min(left)];
        fill(piece);
        take(piece);
        left -= piece.len();
    }
}

fn keystream(seed: &str) -> ChaCha20 {
    ChaCha20::new(&Sha256::digest(seed), &[0; 12].into())
}

impl Folder {
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let mut entries = self.tree.clone().unwrap_or_default();
        if let Some(numbered) = &self.numbered {
            entries.extend(numbered.entries());
        }
        if let Some(random) = &self.kubo_random_names {
            entries.extend(random.entries());
        }
        if let Some(LongNames { count, text }) = &self.long_names {
            entries.extend((0..*count).map(|i| {
                let name = format!("{text}{i}");
                Entry::file(name.clone(), Content::text(name))
            }));
        }
        entries
    }
}

impl Entry {
    pub(crate) fn file(path: String, content: Content) -> Self {
        Self {
            path,
            content: Some(content),
            dir: false,
            symlink: None,
        }
    }
}

impl Numbered {
    fn entries(&self) -> impl Iterator<Item = Entry> {
        let Self {
            prefix,
            digits,
            suffix,
            ..
        } = self;
        let under = self
            .under
            .as_ref()
            .map(|under| format!("{under}/"))
            .unwrap_or_default();
        (self.start..self.start + self.count).map(move |i| {
            let content = match &self.content {
                NumberedContent::Same(content) => content.clone(),
                NumberedContent::Named(name) if name == "index" => Content::text(i.to_string()),
                NumberedContent::Named(name) if name == "index-nl" => {
                    Content::text(format!("{i}\n"))
                }
                NumberedContent::Named(name) => panic!("{name}"),
            };
            Entry::file(format!("{under}{prefix}{i:0digits$}{suffix}"), content)
        })
    }
}

impl RandomNames {
    fn entries(&self) -> impl Iterator<Item = Entry> {
        const LETTERS: &[u8; 39] = b"abcdefghijklmnopqrstuvwxyz01234567890-_";
        let mut random = vec![0; 1 << 20];
        keystream(&self.seed).apply_keystream(&mut random);
        let mut random = random.into_iter();
        (0..self.count).map(move |i| {
            let len = if i + 1 == self.count {
                self.last_name_len
            } else {
                self.name_len
            };
            let letters = random.by_ref().take(len);
            let name = letters
                .map(|b| char::from(LETTERS[usize::from(b) % 39]))
                .collect();
            Entry::file(name, self.content.clone())
        })
    }
}
