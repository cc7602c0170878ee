//! Expressions to trees.

use super::functions::Function;
use super::lex::{Token, tokens};
use super::{Logic, Macro, Node, Operator, Outside, unescape};
use crate::object::{Map, Value};

/// Longest expression in bytes. Rules of real definitions stay far below.
const MAX_LENGTH: usize = 16_384;
/// Deepest nesting of brackets and arguments.
const MAX_DEPTH: usize = 24;
/// Operators and steps of paths that may be open at a time. Each is a level of the tree.
const MAX_LINKS: usize = 256;

pub(super) fn parse(text: &str) -> Result<Node, Outside> {
    if text.len() > MAX_LENGTH {
        return Err(Outside { at: MAX_LENGTH, what: "more than 16384 bytes".to_owned() });
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, links: 0 };
    let node = parser.expression()?;
    match parser.peek() {
        Token::End => Ok(node),
        _ => Err(parser.outside("text behind the expression")),
    }
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
    depth: usize,
    links: usize,
}

type Parsed = Result<Node, Outside>;

/// Operators by precedence, loosest first.
static LEVELS: &[&[(&str, Operator)]] = &[
    &[
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("in", Operator::In),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("/", Operator::Divide), ("%", Operator::Modulo)],
];

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    fn offset(&self) -> usize {
        let last = || self.tokens.last().map_or(0, |(_, at)| *at);
        self.tokens.get(self.at).map_or_else(last, |(_, at)| *at)
    }

    fn outside(&self, what: impl Into<String>) -> Outside {
        Outside { at: self.offset(), what: what.into() }
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(own) if *own == sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), Outside> {
        if self.take(sign) { Ok(()) } else { Err(self.outside(format!("no {sign:?}"))) }
    }

    fn link(&mut self) -> Result<(), Outside> {
        self.links += 1;
        if self.links > MAX_LINKS {
            return Err(self.outside("more than 256 operators and steps"));
        }
        Ok(())
    }

    fn expression(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.outside("nesting deeper than 24"));
        }
        let links = self.links;
        let test = self.chain(Logic::Or)?;
        let node = if self.take("?") {
            let yes = self.chain(Logic::Or)?;
            self.expect(":")?;
            let no = self.expression()?;
            Node::Conditional(Box::new(test), Box::new(yes), Box::new(no))
        } else {
            test
        };
        self.depth -= 1;
        self.links = links;
        Ok(node)
    }

    fn chain(&mut self, logic: Logic) -> Parsed {
        let sign = if logic == Logic::Or { "||" } else { "&&" };
        let mut nodes = Vec::new();
        let links = self.links;
        loop {
            self.links = links;
            nodes.push(match logic {
                Logic::Or => self.chain(Logic::And)?,
                Logic::And => self.binary(0)?,
            });
            if !self.take(sign) {
                break;
            }
        }
        match nodes.len() {
            1 => nodes.pop().ok_or_else(|| self.outside("nothing")),
            _ => Ok(Node::Chain(logic, nodes)),
        }
    }

    fn binary(&mut self, level: usize) -> Parsed {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(operators) {
            self.link()?;
            let right = self.binary(level + 1)?;
            left = Node::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn operator(&mut self, operators: &[(&str, Operator)]) -> Option<Operator> {
        let text = match self.peek() {
            Token::Sign(sign) => sign,
            Token::Name(name) if name == "in" => "in",
            _ => return None,
        };
        let found = operators.iter().find(|(own, _)| *own == text)?.1;
        self.at += 1;
        Some(found)
    }

    fn unary(&mut self) -> Parsed {
        let (mut nots, mut minuses) = (0, 0);
        while self.take("!") {
            nots += 1;
        }
        while nots == 0 && self.take("-") {
            minuses += 1;
        }
        let node = if minuses > 0 && *self.peek() == Token::MinInt {
            self.at += 1;
            minuses -= 1;
            Node::Literal(Value::Int(i64::MIN))
        } else {
            self.member()?
        };
        // Pairs of signs cancel each other only in effect: `!!1` is an error as `!1` is.
        let node = (0..nots.min(2 - nots % 2)).fold(node, |node, _| Node::Not(Box::new(node)));
        Ok((0..minuses.min(2 - minuses % 2)).fold(node, |node, _| Node::Negate(Box::new(node))))
    }

    fn member(&mut self) -> Parsed {
        let mut node = self.primary()?;
        loop {
            self.link()?;
            if self.take(".") {
                if self.take("?") {
                    return Err(self.outside("optional value"));
                }
                let Token::Name(name) = self.peek().clone() else {
                    return Err(self.outside("no name behind the dot"));
                };
                self.at += 1;
                node = if self.take("(") {
                    self.method(node, &name)?
                } else {
                    Node::Select(Box::new(node), unescape(&name))
                };
            } else if self.take("[") {
                if self.take("?") {
                    return Err(self.outside("optional value"));
                }
                let index = self.expression()?;
                self.expect("]")?;
                node = Node::Index(Box::new(node), Box::new(index));
            } else {
                return Ok(node);
            }
        }
    }

    fn arguments(&mut self, close: &str) -> Result<Vec<Node>, Outside> {
        let mut arguments = Vec::new();
        while !self.take(close) {
            if !arguments.is_empty() {
                self.expect(",")?;
                if self.take(close) {
                    break;
                }
            }
            arguments.push(self.expression()?);
        }
        Ok(arguments)
    }

    fn method(&mut self, receiver: Node, name: &str) -> Parsed {
        let at = self.offset();
        let mut arguments = self.arguments(")")?;
        let kind = match name {
            "all" => Some(Macro::All),
            "exists" => Some(Macro::Exists),
            "exists_one" | "existsOne" => Some(Macro::ExistsOne),
            "filter" => Some(Macro::Filter),
            "map" => Some(Macro::Map),
            _ => None,
        };
        let Some(kind) = kind else {
            arguments.insert(0, receiver);
            return call(at, name, true, arguments);
        };
        let mut arguments = arguments.into_iter();
        let parts = (arguments.next(), arguments.next(), arguments.next(), arguments.next());
        let (variable, body, then) = match parts {
            (Some(Node::Name(variable)), Some(body), then, None)
                if then.is_none() || kind == Macro::Map =>
            {
                (variable, body, then)
            }
            _ => return Err(Outside { at, what: format!("arguments of {name}") }),
        };
        let (range, body, then) = (Box::new(receiver), Box::new(body), then.map(Box::new));
        Ok(Node::Macro { kind, range, variable, body, then })
    }

    fn primary(&mut self) -> Parsed {
        let at = self.offset();
        let token = self.peek().clone();
        self.at += 1;
        let literal = |value| Ok(Node::Literal(value));
        match token {
            Token::Int(value) => literal(Value::Int(value)),
            Token::Double(value) => literal(Value::Float(value)),
            Token::Text(text) => literal(text.into()),
            Token::Name(name) => match &*name {
                "true" => literal(Value::Bool(true)),
                "false" => literal(Value::Bool(false)),
                "null" => literal(Value::Null),
                _ if self.take("(") => self.function(at, &name),
                _ => Ok(Node::Name(name)),
            },
            Token::Sign("(") => {
                let node = self.expression()?;
                self.expect(")")?;
                Ok(node)
            }
            Token::Sign("[") => Ok(Node::List(self.arguments("]")?)),
            Token::Sign("{") => self.map(),
            _ => Err(Outside { at, what: "no operand".to_owned() }),
        }
    }

    fn map(&mut self) -> Parsed {
        let mut entries = Vec::new();
        while !self.take("}") {
            if !entries.is_empty() {
                self.expect(",")?;
                if self.take("}") {
                    break;
                }
            }
            let key = self.expression()?;
            self.expect(":")?;
            entries.push((key, self.expression()?));
        }
        if entries.is_empty() {
            return Ok(Node::Literal(Map::default().into()));
        }
        Ok(Node::Map(entries))
    }

    fn function(&mut self, at: usize, name: &str) -> Parsed {
        let mut arguments = self.arguments(")")?;
        if name == "has" {
            return match (arguments.len(), arguments.pop()) {
                (1, Some(Node::Select(operand, field))) => Ok(Node::Has(operand, field)),
                _ => Err(Outside { at, what: "argument of has".to_owned() }),
            };
        }
        call(at, name, false, arguments)
    }
}

fn call(at: usize, name: &str, method: bool, arguments: Vec<Node>) -> Parsed {
    let function = Function::find(name, method, arguments.len());
    let function = function.ok_or(Outside { at, what: format!("function {name}") })?;
    Ok(Node::Call(function, arguments))
}
