//! The server about itself.
//!
//! Source: web/api/v1/api.go `serveConfig`, `serveRuntimeInfo` and others.

use super::{Answer, Call};
use crate::json::Json;
use crate::state::BuildInfo;
use crate::time::format_rfc3339;

pub(super) fn config(call: &Call<'_>) -> Answer {
    Ok(Json::object([("yaml", Json::text(&*call.state.config_yaml))]).into())
}

pub(super) fn flags(call: &Call<'_>) -> Answer {
    let flags = call.state.flags.0.iter();
    let flags = flags.map(|(name, value)| (name.clone(), Json::text(&**value)));
    Ok(Json::Object(flags.collect()).into())
}

pub(crate) fn build(build: &BuildInfo) -> Json {
    Json::object([
        ("version", Json::text(&*build.version)),
        ("revision", Json::text(&*build.revision)),
        ("branch", Json::text(&*build.branch)),
        ("buildUser", Json::text(&*build.build_user)),
        ("buildDate", Json::text(&*build.build_date)),
        ("goVersion", Json::text(&*build.go_version)),
    ])
}

pub(super) fn build_info(call: &Call<'_>) -> Answer {
    Ok(build(&call.state.build).into())
}

pub(super) fn runtime(call: &Call<'_>) -> Answer {
    let runtime = &call.state.runtime;
    let fields = [
        ("startTime", Json::Text(format_rfc3339(Some(runtime.started)))),
        ("CWD", Json::text(&*runtime.working_directory)),
        ("hostname", Json::text(&*runtime.hostname)),
        ("serverTime", Json::Text(format_rfc3339(Some(call.state.now)))),
        ("reloadConfigSuccess", Json::Bool(runtime.reload_successful)),
        // Kept in whole seconds.
        ("lastConfigTime", {
            let seconds = runtime.last_reload.div_euclid(1000);
            Json::Text(format_rfc3339(Some(seconds.saturating_mul(1000))))
        }),
        ("corruptionCount", Json::Int(runtime.wal_corruptions)),
        ("goroutineCount", Json::Int(runtime.goroutines)),
        ("GOMAXPROCS", Json::Int(runtime.max_procs)),
        ("GOMEMLIMIT", Json::Int(runtime.memory_limit)),
        ("GOGC", Json::text(&*runtime.gogc)),
        ("GODEBUG", Json::text(&*runtime.godebug)),
        ("storageRetention", Json::text(&*runtime.storage_retention)),
    ];
    Ok(Json::object(fields).into())
}

/// The log is read before the server is ready.
pub(super) fn wal_replay(_: &Call<'_>) -> Answer {
    let zero = || Json::Int(0);
    Ok(Json::object([("min", zero()), ("max", zero()), ("current", zero())]).into())
}

pub(super) fn notifications(call: &Call<'_>) -> Answer {
    let notifications = call.state.notifications.iter().map(|one| {
        Json::object([
            ("text", Json::text(&*one.text)),
            ("date", Json::Text(format_rfc3339(Some(one.date)))),
            ("active", Json::Bool(one.active)),
        ])
    });
    Ok(Json::List(notifications.collect()).into())
}
