//! Messages as bytes: postcard, which is compact and needs no names on the wire.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes that are no message of the expected type, for example because page and worker are of
/// different versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The number of bytes received.
    pub length: usize,
    pub reason: String,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot decode a message of {} bytes: {}", self.length, self.reason)
    }
}

impl std::error::Error for DecodeError {}

/// Encodes a message.
///
/// The messages of this crate hold nothing that postcard cannot encode, so there is no error to
/// handle; a value of another type that fails gives no bytes, which [`decode`] refuses.
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    postcard::to_allocvec(message).unwrap_or_default()
}

/// Decodes a message. All bytes must belong to it.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let error = |reason: String| DecodeError { length: bytes.len(), reason };
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Ok(message),
        Ok((_, rest)) => Err(error(format!("{} bytes are left over", rest.len()))),
        Err(reason) => Err(error(reason.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Envelope, Request};

    #[test]
    fn a_message_survives_and_broken_bytes_do_not() {
        let envelope = Envelope { number: 300, request: Request::Advance { millis: 1 << 40 } };
        let bytes = encode(&envelope);
        assert_eq!(decode::<Envelope>(&bytes), Ok(envelope));
        let longer = [&bytes[..], &[0]].concat();
        for broken in [&bytes[..bytes.len() - 1], &longer[..], &[], &[0xff; 9]] {
            let error = decode::<Envelope>(broken).unwrap_err();
            assert_eq!(error.length, broken.len());
            assert!(!error.reason.is_empty());
        }
        assert_eq!(decode::<Envelope>(&longer).unwrap_err().reason, "1 bytes are left over");
    }
}
