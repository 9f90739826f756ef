use bytesize::ByteSize;

/// Parses a size. A number without a unit is in bytes.
pub(crate) fn size(text: &str) -> Result<u64, &'static str> {
    let size: Result<ByteSize, _> = text.parse();
    size.map(|size| size.as_u64())
        .map_err(|_| "give a size such as 256MiB or 1GiB")
}
