//! The keyword `format`, which drafts up to 7 assert.
//!
//! Source: santhosh-tekuri/jsonschema v6 format.go.

use go::time::Date;

/// Says why a text does not have a format; None if it has, or if the format is not known.
pub(super) fn check(format: &str, text: &str) -> Option<String> {
    let verdict = match format {
        "ipv4" => ipv4(text),
        "ipv6" => ipv6(text),
        "hostname" => hostname(text),
        "email" => email(text),
        "date" => date(text),
        "time" => time(text),
        "date-time" => date_time(text),
        "uri" => uri(text),
        "uri-reference" => go::url::parse(text).map(|_| ()),
        "regex" => go::Regex::unanchored(text).map(|_| ()).map_err(|error| error.to_string()),
        "uuid" => uuid(text),
        "json-pointer" => pointer(text),
        _ => Ok(()),
    };
    verdict.err()
}

fn ipv4(text: &str) -> Result<(), String> {
    let groups: Vec<&str> = text.split('.').collect();
    if groups.len() != 4 {
        return Err("expected four decimals".to_owned());
    }
    for group in groups {
        if group.len() > 1 && group.starts_with('0') {
            return Err("leading zeros".to_owned());
        }
        match group.parse::<i64>() {
            Ok(number) if (0..=255).contains(&number) => {}
            Ok(_) => return Err("decimal must be between 0 and 255".to_owned()),
            Err(_) => {
                let group = go::quote::quote(group);
                return Err(format!("strconv.Atoi: parsing {group}: invalid syntax"));
            }
        }
    }
    Ok(())
}

fn ipv6(text: &str) -> Result<(), String> {
    if !text.contains(':') {
        return Err("missing colon".to_owned());
    }
    let quoted = go::quote::quote(text);
    let parsed = text.parse::<std::net::Ipv6Addr>();
    parsed.map(|_| ()).map_err(|_| format!("ParseAddr({quoted}): unable to parse IP"))
}

fn hostname(text: &str) -> Result<(), String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > 253 {
        return Err("more than 253 characters long".to_owned());
    }
    for label in text.split('.') {
        if label.is_empty() || label.len() > 63 {
            return Err("label must be 1 to 63 characters long".to_owned());
        }
        if label.starts_with('-') {
            return Err("label starts with hyphen".to_owned());
        }
        if label.ends_with('-') {
            return Err("label ends with hyphen".to_owned());
        }
        let is_valid = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        if let Some(c) = label.chars().find(|c| !is_valid(c)) {
            let c = go::quote::quote_char(c);
            return Err(format!("invalid character {c}"));
        }
    }
    Ok(())
}

fn email(text: &str) -> Result<(), String> {
    if text.len() > 254 {
        return Err("more than 255 characters long".to_owned());
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        return Err("missing @".to_owned());
    };
    if local.len() > 64 {
        return Err("local part more than 64 characters long".to_owned());
    }
    if local.is_empty() {
        return Err("mail: no angle-addr".to_owned());
    }
    match domain.strip_prefix('[').and_then(|domain| domain.strip_suffix(']')) {
        Some(address) => match address.strip_prefix("IPv6:") {
            Some(address) => {
                ipv6(address).map_err(|error| format!("invalid ipv6 address: {error}"))
            }
            None => ipv4(address).map_err(|error| format!("invalid ipv4 address: {error}")),
        },
        None => hostname(domain).map_err(|error| format!("invalid domain: {error}")),
    }
}

fn number(text: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && range.contains(number))
}

fn date(text: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.split('-').collect();
    let valid = match parts.as_slice() {
        [year, month, day] if year.len() == 4 && month.len() == 2 && day.len() == 2 => {
            number(year, 0..=9999).zip(number(month, 1..=12)).is_some_and(|(year, month)| {
                number(day, 1..=Date::days_in_month(year, month)).is_some()
            })
        }
        _ => false,
    };
    if valid {
        return Ok(());
    }
    let text = go::quote::quote(text);
    Err(format!("parsing time {text} as \"2006-01-02\": cannot parse {text} as \"2006\""))
}

fn time(text: &str) -> Result<(), String> {
    let zone = text.find(['z', 'Z', '+', '-']).ok_or("invalid timezone")?;
    let (clock, zone) = text.split_at(zone);
    let parts: Vec<&str> = clock.split(':').collect();
    let [hour, minute, second] = parts.as_slice() else {
        return Err("missing colon in correct place".to_owned());
    };
    let second = second.split('.').next().unwrap_or_default();
    let all_two = [*hour, *minute, second].iter().all(|part| part.len() == 2);
    let zone_is_valid = zone.eq_ignore_ascii_case("z")
        || zone.get(1..).and_then(|zone| zone.split_once(':')).is_some_and(|(hours, minutes)| {
            number(hours, 0..=23).is_some() && number(minutes, 0..=59).is_some()
        });
    let fits = number(hour, 0..=23).is_some()
        && number(minute, 0..=59).is_some()
        && number(second, 0..=60).is_some();
    if all_two && fits && zone_is_valid {
        Ok(())
    } else {
        Err("non-positive hour/min/sec".to_owned())
    }
}

fn date_time(text: &str) -> Result<(), String> {
    if text.len() < 20 {
        return Err("less than 20 characters long".to_owned());
    }
    match text.split_at_checked(10) {
        Some((day, rest)) if rest.starts_with(['T', 't']) => {
            date(day)?;
            time(rest.get(1..).unwrap_or_default())
        }
        _ => Err("11th character must be t or T".to_owned()),
    }
}

fn uri(text: &str) -> Result<(), String> {
    go::url::parse(text)?;
    let has_scheme = text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    });
    if has_scheme { Ok(()) } else { Err("relative url".to_owned()) }
}

fn uuid(text: &str) -> Result<(), String> {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    if lengths != [8, 4, 4, 4, 12] {
        return Err("must be 36 characters long".to_owned());
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if digits { Ok(()) } else { Err("non-hex character".to_owned()) }
}

fn pointer(text: &str) -> Result<(), String> {
    if text.is_empty() || text.starts_with('/') {
        Ok(())
    } else {
        Err("not starting with /".to_owned())
    }
}
