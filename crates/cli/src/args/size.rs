use bytesize::ByteSize;

/// A number of bytes as a person writes it. A number alone counts bytes.
pub(crate) fn size(text: &str) -> Result<u64, &'static str> {
    let size: Result<ByteSize, _> = text.parse();
    size.map(|size| size.as_u64())
        .map_err(|_| "give a size such as 256MiB or 1GiB")
}
