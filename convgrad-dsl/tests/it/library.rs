//! The texts of the standard library.

use std::path::Path;

use convgrad_dsl::format::format;

#[test]
fn its_texts_are_formatted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("library");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let formatted = format(&text).unwrap();
        if std::env::var_os("UPDATE_LIBRARY").is_some() {
            std::fs::write(&path, &formatted).unwrap();
        } else {
            assert_eq!(
                text,
                formatted,
                "{}: UPDATE_LIBRARY=1 formats it",
                path.display()
            );
        }
    }
}
