//! The files that the binary carries, as `(name, text)`, sorted by name. Listed by `build.rs`.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
