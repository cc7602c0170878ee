//! Defaults, types, hashes, encodings, paths.
//!
//! Source: sprig defaults.go, reflect.go, crypto.go.

use go::template::Value;
use md5::Digest;

use super::{A, Function, MORE, S, any, kind, row, string, text};
use crate::values::deep_equal;

pub(super) static TABLE: &[Function] = &[
    row("default", &[A], MORE, "Returns the first value if the second is empty.", |a, _| {
        Ok(any(a, usize::from(a.get(1).is_some_and(Value::is_true))).clone())
    }),
    row("empty", &[A], None, "Returns true for an empty value.", |a, _| {
        Ok(Value::Bool(!any(a, 0).is_true()))
    }),
    row("coalesce", &[], MORE, "Returns the first value that is not empty.", |a, _| {
        Ok(a.iter().find(|value| value.is_true()).cloned().unwrap_or(Value::Nil))
    }),
    row(
        "ternary",
        &[A, A, go::template::Type::Bool],
        None,
        "Chooses between two values.",
        |a, _| Ok(any(a, usize::from(!any(a, 2).is_true())).clone()),
    ),
    row("typeOf", &[A], None, "Returns the type of a value.", |a, _| string(any(a, 0).type_name())),
    row("typeIs", &[S, A], None, "Returns true if the value has the type.", |a, _| {
        Ok(Value::Bool(any(a, 1).type_name() == text(a, 0)))
    }),
    row(
        "typeIsLike",
        &[S, A],
        None,
        "Returns true if the value has the type or is a pointer to it.",
        |a, _| {
            let name = any(a, 1).type_name();
            Ok(Value::Bool(
                name.strip_prefix('*').unwrap_or(name) == text(a, 0) || name == text(a, 0),
            ))
        },
    ),
    row("kindOf", &[A], None, "Returns the kind of a value.", |a, _| string(kind(any(a, 0)))),
    row("kindIs", &[S, A], None, "Returns true if the value has the kind.", |a, _| {
        Ok(Value::Bool(kind(any(a, 1)) == text(a, 0)))
    }),
    row("deepEqual", &[A, A], None, "Compares two values with all that is in them.", |a, _| {
        Ok(Value::Bool(deep_equal(any(a, 0), any(a, 1))))
    }),
    row("md5sum", &[S], None, "Returns the MD5 hash.", |a, _| {
        string(hex(&md5::Md5::digest(text(a, 0))))
    }),
    row("sha1sum", &[S], None, "Returns the SHA-1 hash.", |a, _| {
        string(hex(&sha1::Sha1::digest(text(a, 0))))
    }),
    row("sha256sum", &[S], None, "Returns the SHA-256 hash.", |a, _| {
        string(hex(&sha2::Sha256::digest(text(a, 0))))
    }),
    row("sha512sum", &[S], None, "Returns the SHA-512 hash.", |a, _| {
        string(hex(&sha2::Sha512::digest(text(a, 0))))
    }),
    row("adler32sum", &[S], None, "Returns the Adler-32 checksum.", |a, _| {
        string(adler32(text(a, 0)).to_string())
    }),
    row("b64enc", &[S], None, "Encodes with Base64.", |a, _| {
        string(go::base64::encode(text(a, 0).as_bytes()))
    }),
    row("b64dec", &[S], None, "Decodes Base64.", |a, _| {
        string(match go::base64::decode(text(a, 0)) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(at) => format!("illegal base64 data at input byte {at}"),
        })
    }),
    row("b32enc", &[S], None, "Encodes with Base32.", |a, _| {
        string(super::base32::encode(text(a, 0).as_bytes()))
    }),
    row("b32dec", &[S], None, "Decodes Base32.", |a, _| {
        string(match super::base32::decode(text(a, 0)) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(at) => format!("illegal base32 data at input byte {at}"),
        })
    }),
    row("base", &[S], None, "Returns the last part of a path.", |a, _| {
        string(go::path::base(text(a, 0)))
    }),
    row("dir", &[S], None, "Returns a path without its last part.", |a, _| {
        string(go::path::dir(text(a, 0)))
    }),
    row("ext", &[S], None, "Returns the extension of a path.", |a, _| {
        string(go::path::ext(text(a, 0)))
    }),
    row("clean", &[S], None, "Returns the shortest equal path.", |a, _| {
        string(go::path::clean(text(a, 0)))
    }),
    row("isAbs", &[S], None, "Returns true for an absolute path.", |a, _| {
        Ok(Value::Bool(go::path::is_abs(text(a, 0))))
    }),
    row("osBase", &[S], None, "Returns the last part of a file path.", |a, _| {
        string(go::path::base(text(a, 0)))
    }),
    row("osDir", &[S], None, "Returns a file path without its last part.", |a, _| {
        string(go::path::dir(text(a, 0)))
    }),
    row("osExt", &[S], None, "Returns the extension of a file path.", |a, _| {
        string(go::path::ext(text(a, 0)))
    }),
    row("osClean", &[S], None, "Returns the shortest equal file path.", |a, _| {
        string(go::path::clean(text(a, 0)))
    }),
    row("osIsAbs", &[S], None, "Returns true for an absolute file path.", |a, _| {
        Ok(Value::Bool(go::path::is_abs(text(a, 0))))
    }),
];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn adler32(text: &str) -> u32 {
    let (low, high) = text.bytes().fold((1u32, 0u32), |(low, high), byte| {
        let low = (low + u32::from(byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}
