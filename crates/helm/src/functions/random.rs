//! Functions whose result is not computed here: random values, and those that need more of Go.
//!
//! A random value is a stand-in of the right length that is the same on every run. The others are
//! known, so that a template with them parses, and fail when they are called.

use go::template::Value;

use super::{Function, FunctionResult, MORE, check_bytes, row, string};

const STAND_IN: &str = "Returns a stand-in of the right length, the same on every run.";
const ABSENT: &str = "Not available here; the call fails.";

macro_rules! absent {
    ($($name:literal)*) => {
        &[
            row("randAlphaNum", &[super::I], None, STAND_IN, |a, _| stand_in(a, "standin0")),
            row("randAlpha", &[super::I], None, STAND_IN, |a, _| stand_in(a, "standin")),
            row("randAscii", &[super::I], None, STAND_IN, |a, _| stand_in(a, "stand-in")),
            row("randNumeric", &[super::I], None, STAND_IN, |a, _| stand_in(a, "0")),
            row("uuidv4", &[], None, STAND_IN, |_, _| string("00000000-0000-4000-8000-000000000000")),
            $(row($name, &[], MORE, ABSENT, |_, _| refused($name)),)*
        ]
    };
}

pub(super) static TABLE: &[Function] = absent![
    "bcrypt" "htpasswd" "randInt" "randBytes" "shuffle" "genPrivateKey" "genCA" "genCAWithKey"
    "genSelfSignedCert" "genSelfSignedCertWithKey" "genSignedCert" "genSignedCertWithKey"
    "buildCustomCert" "encryptAES" "decryptAES" "derivePassword" "fromToml"
];

fn stand_in(a: &[Value], pattern: &str) -> FunctionResult {
    let count = usize::try_from(super::integer(a, 0)).unwrap_or(0);
    check_bytes(count)?;
    string(pattern.chars().cycle().take(count).collect::<String>())
}

fn refused(name: &str) -> FunctionResult {
    Err(format!("the playground does not compute {name}"))
}
