//! Queries as the HTTP API takes them: text and times in, an answer or an error in its words out.
//!
//! Source: prometheus web/api/v1/api.go `query` and `queryRange`.

use super::{Engine, InterruptFn, QueryError, QueryResult, QueryTime, Trace, TraceRequest};
use crate::storage::Queryable;
use crate::syntax::quote;
use crate::syntax::{Ast, ParserOptions, parse};

/// Steps that the API allows a range query at most.
pub const MAX_STEPS: i64 = 11_000;

/// A query with its answer.
#[derive(Clone, Debug)]
pub struct QueryResponse {
    /// The parsed query.
    pub ast: Ast,
    /// The value, annotations and statistics.
    pub result: QueryResult,
    /// Empty unless it was asked for.
    pub trace: Trace,
}

impl QueryTime {
    /// Refuses parameters that the API refuses before it parses the query.
    pub fn check(&self) -> Result<(), QueryError> {
        let QueryTime::Range { start, end, step } = self else { return Ok(()) };
        let invalid = |parameter: &str, why: &str| {
            Err(QueryError::bad_data(format!(
                "invalid parameter {parameter}: {why}",
                parameter = quote(parameter)
            )))
        };
        if end < start {
            return invalid("end", "end timestamp must not be before start time");
        }
        if step.millis() <= 0 {
            return invalid(
                "step",
                "zero or negative query resolution step widths are not accepted. Try a positive \
                 integer",
            );
        }
        if end.saturating_sub(*start) / step.millis() > MAX_STEPS {
            return Err(QueryError::bad_data(
                "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the \
                 query resolution (?step=XX)",
            ));
        }
        Ok(())
    }
}

impl Engine {
    /// Reads and evaluates a query. Errors have the kind and the text that the API gives them.
    pub fn answer(
        &self,
        storage: &dyn Queryable,
        query: &str,
        options: &ParserOptions,
        time: QueryTime,
        interrupt: Option<InterruptFn<'_>>,
        trace: Option<TraceRequest<'_>>,
    ) -> Result<QueryResponse, QueryError> {
        time.check()?;
        let invalid =
            |why: String| QueryError::bad_data(format!("invalid parameter \"query\": {why}"));
        let ast = parse(query, options).map_err(|errors| invalid(errors.to_string()))?;
        let outcome = match trace {
            Some(trace) => self.explain(storage, &ast, time, interrupt, trace),
            None => {
                let result = self.evaluate(storage, &ast, time, interrupt);
                result.map(|result| (result, Trace::default()))
            }
        };
        match outcome {
            Ok((result, trace)) => Ok(QueryResponse { ast, result, trace }),
            // An error before evaluation is an error of the query.
            Err(error) if error.kind == super::ErrorKind::BadData => Err(invalid(error.message)),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ErrorKind;
    use super::*;
    use crate::storage::Storage;
    use go::Duration;

    #[test]
    fn errors_are_those_of_the_api() {
        let range = |start, end, step| QueryTime::Range { start, end, step: Duration(step) };
        for (query, time, message) in [
            ("up", range(10, 0, 1), "invalid parameter \"end\": end timestamp must not be"),
            ("up", range(0, 10, 0), "invalid parameter \"step\": zero or negative"),
            ("up", range(0, 11_001, 1), "exceeded maximum resolution of 11,000 points"),
            ("up{", QueryTime::Instant(0), "invalid parameter \"query\": 1:4: parse error: "),
            (
                "up[5m]",
                range(0, 10, 1),
                "invalid parameter \"query\": invalid expression type \"range vector\" for range \
                 query, must be Scalar or instant Vector",
            ),
            (
                "up[step()]",
                QueryTime::Instant(0),
                "invalid parameter \"query\": 3:9: duration must be greater than 0",
            ),
        ] {
            let (storage, options) = (Storage::unbounded(), ParserOptions::ALL);
            let answer = Engine::default().answer(&storage, query, &options, time, None, None);
            let error = answer.map(|answered| answered.result.stats).unwrap_err();
            assert!(error.message.starts_with(message), "{query}: {error}");
            assert_eq!(error.kind, ErrorKind::BadData);
        }
        assert!(range(0, 11_000, 1).check().is_ok());
    }
}
