//! `$((…))`: whole numbers, as the shell computes them.

/// Terms inside of each other that are read at most.
const DEEPEST: usize = 32;

/// The value of an expression. `variable` gives the text of a variable; an empty one is 0.
///
/// # Errors
/// The message of the shell.
pub(super) fn evaluate(text: &str, variable: &dyn Fn(&str) -> String) -> Result<i64, String> {
    let mut reader = Reader { rest: text, variable, depth: 0 };
    let value = reader.sum()?;
    match reader.rest.trim_start() {
        "" => Ok(value),
        rest => Err(format!("{text}: syntax error in expression (error token is \"{rest}\")")),
    }
}

struct Reader<'a> {
    rest: &'a str,
    variable: &'a dyn Fn(&str) -> String,
    depth: usize,
}

impl Reader<'_> {
    /// Takes one of some signs.
    fn sign(&mut self, signs: &[char]) -> Option<char> {
        self.rest = self.rest.trim_start();
        let sign = self.rest.chars().next().filter(|sign| signs.contains(sign))?;
        self.rest = self.rest.get(sign.len_utf8()..).unwrap_or_default();
        Some(sign)
    }

    fn sum(&mut self) -> Result<i64, String> {
        let mut value = self.product()?;
        while let Some(sign) = self.sign(&['+', '-']) {
            let other = self.product()?;
            value = if sign == '+' { value.wrapping_add(other) } else { value.wrapping_sub(other) };
        }
        Ok(value)
    }

    fn product(&mut self) -> Result<i64, String> {
        let mut value = self.term()?;
        while let Some(sign) = self.sign(&['*', '/', '%']) {
            let other = self.term()?;
            if sign != '*' && other == 0 {
                return Err("division by 0".to_owned());
            }
            value = match sign {
                '*' => value.wrapping_mul(other),
                '/' => value.wrapping_div(other),
                _ => value.wrapping_rem(other),
            };
        }
        Ok(value)
    }

    fn term(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("the expression is nested too deeply".to_owned());
        }
        let value = self.inner_term();
        self.depth -= 1;
        value
    }

    fn inner_term(&mut self) -> Result<i64, String> {
        match self.sign(&['(', '-', '+']) {
            Some('(') => {
                let value = self.sum()?;
                return match self.sign(&[')']) {
                    Some(_) => Ok(value),
                    None => Err("missing `)'".to_owned()),
                };
            }
            Some('-') => return Ok(self.term()?.wrapping_neg()),
            Some(_) => return self.term(),
            None => {}
        }
        let text = self.rest.strip_prefix('$').unwrap_or(self.rest);
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (word, rest) = text.split_at(end.unwrap_or(text.len()));
        self.rest = rest;
        let value = match word.starts_with(|c: char| c.is_ascii_digit()) {
            true => word.to_owned(),
            false if word.is_empty() => return Err("syntax error: operand expected".to_owned()),
            false => (self.variable)(word),
        };
        match value.trim() {
            "" => Ok(0),
            value => value.parse().map_err(|_| format!("{value}: value too great or no number")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::evaluate;

    #[test]
    fn expressions_have_values() {
        let variable = |name: &str| if name == "x" { "5".to_owned() } else { String::new() };
        for (text, expected) in [
            ("1 + 2 * 3", Ok(7)),
            ("(1+2)*3", Ok(9)),
            ("x+1", Ok(6)),
            ("$x % 3", Ok(2)),
            ("-x - -2", Ok(-3)),
            ("none", Ok(0)),
            ("7 / 2", Ok(3)),
            ("1 / 0", Err("division by 0".to_owned())),
            ("1 +", Err("syntax error: operand expected".to_owned())),
            ("(1", Err("missing `)'".to_owned())),
        ] {
            assert_eq!(evaluate(text, &variable), expected, "{text}");
        }
        assert!(evaluate(&"(".repeat(10_000), &variable).is_err());
    }
}
