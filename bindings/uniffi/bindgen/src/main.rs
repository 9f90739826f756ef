//! Writes the Kotlin and Swift bindings of the library it is given.

fn main() {
    uniffi::uniffi_bindgen_main();
}
