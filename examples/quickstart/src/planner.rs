//! The business logic: routes and round trips on a road map.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use phoenix_otel::{ErrorType, instrument_metrics};
use serde::Serialize;

/// Roads between two cities, with their length in kilometres.
const ROADS: [(&str, &str, u32); 17] = [
    ("amsterdam", "brussels", 210),
    ("amsterdam", "cologne", 265),
    ("amsterdam", "hamburg", 465),
    ("berlin", "hamburg", 290),
    ("berlin", "leipzig", 190),
    ("berlin", "prague", 350),
    ("brussels", "cologne", 215),
    ("brussels", "paris", 310),
    ("cologne", "frankfurt", 190),
    ("frankfurt", "leipzig", 395),
    ("frankfurt", "munich", 390),
    ("frankfurt", "strasbourg", 220),
    ("munich", "prague", 380),
    ("munich", "vienna", 435),
    ("paris", "strasbourg", 490),
    ("prague", "vienna", 335),
    ("reykjavik", "akureyri", 390),
];

/// The most cities of a round trip. Planning more takes too long.
const MAX_STOPS: usize = 9;

/// A route through cities.
#[derive(Serialize)]
pub(crate) struct Route {
    cities: Vec<String>,
    kilometres: u32,
}

/// Why there is no route. Each variant is a value of the label `error_type`.
#[derive(Debug, ErrorType)]
pub(crate) enum RouteError {
    UnknownCity,
    NoRoad,
    TooManyStops,
}

impl IntoResponse for RouteError {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::UnknownCity => (StatusCode::NOT_FOUND, "unknown city"),
            Self::NoRoad => (StatusCode::NOT_FOUND, "no road connects these cities"),
            Self::TooManyStops => (StatusCode::UNPROCESSABLE_ENTITY, "too many stops"),
        };
        (status, text).into_response()
    }
}

/// All cities of the map.
#[instrument_metrics]
pub(crate) async fn list_cities() -> Json<Vec<&'static str>> {
    let mut cities: Vec<_> = ROADS.iter().flat_map(|(from, to, _)| [*from, *to]).collect();
    cities.sort_unstable();
    cities.dedup();
    Json(cities)
}

/// The shortest route from one city to another.
#[instrument_metrics]
pub(crate) async fn find_route(Path((from, to)): Path<(String, String)>) -> Result<Json<Route>, RouteError> {
    known(&to)?;
    let ways = shortest(&from)?;
    let mut city = to.as_str();
    let (kilometres, _) = *ways.get(city).ok_or(RouteError::NoRoad)?;
    let mut cities = vec![to.clone()];
    while let Some((_, Some(before))) = ways.get(city) {
        cities.push((*before).to_owned());
        city = before;
    }
    cities.reverse();
    Ok(Json(Route { cities, kilometres }))
}

/// The shortest round trip through cities. It tries every order, which is slow, so it runs on a blocking thread.
#[instrument_metrics]
pub(crate) async fn plan_round_trip(Path(stops): Path<String>) -> Result<Json<Route>, RouteError> {
    let stops: Vec<String> = stops.split(',').map(str::to_owned).collect();
    if stops.len() > MAX_STOPS {
        return Err(RouteError::TooManyStops);
    }
    tokio::task::spawn_blocking(move || shortest_round_trip(&stops)).await.expect("planning does not panic").map(Json)
}

#[instrument_metrics]
fn shortest_round_trip(stops: &[String]) -> Result<Route, RouteError> {
    let mut distances = HashMap::new();
    for from in stops {
        let ways = shortest(from)?;
        for to in stops {
            known(to)?;
            distances.insert((from.as_str(), to.as_str()), ways.get(to.as_str()).ok_or(RouteError::NoRoad)?.0);
        }
    }
    let mut order: Vec<&str> = stops.iter().map(String::as_str).collect();
    let mut best: Option<(u32, Vec<&str>)> = None;
    permutations(&mut order, 1, &mut |order| {
        let length = order.windows(2).map(|leg| distances[&(leg[0], leg[1])]).sum::<u32>()
            + distances[&(order[order.len() - 1], order[0])];
        if best.as_ref().is_none_or(|(shortest, _)| length < *shortest) {
            best = Some((length, order.to_vec()));
        }
    });
    let (kilometres, cities) = best.ok_or(RouteError::UnknownCity)?;
    Ok(Route { cities: cities.into_iter().map(str::to_owned).collect(), kilometres })
}

/// Calls `visit` with every permutation of `items` that keeps the first `fixed` items in place.
fn permutations<'a>(items: &mut Vec<&'a str>, fixed: usize, visit: &mut impl FnMut(&[&'a str])) {
    if fixed >= items.len() {
        return visit(items);
    }
    for swapped in fixed..items.len() {
        items.swap(fixed, swapped);
        permutations(items, fixed + 1, visit);
        items.swap(fixed, swapped);
    }
}

fn known(city: &str) -> Result<&'static str, RouteError> {
    let mut cities = ROADS.iter().flat_map(|(from, to, _)| [*from, *to]);
    cities.find(|known| *known == city).ok_or(RouteError::UnknownCity)
}

/// For each reachable city its distance and the previous city on the route (Dijkstra's algorithm).
fn shortest(from: &str) -> Result<HashMap<&'static str, (u32, Option<&'static str>)>, RouteError> {
    let mut ways = HashMap::new();
    let mut next = BinaryHeap::from([Reverse((0, known(from)?, None))]);
    while let Some(Reverse((distance, city, before))) = next.pop() {
        if ways.contains_key(city) {
            continue;
        }
        ways.insert(city, (distance, before));
        for (a, b, length) in ROADS {
            if a == city || b == city {
                next.push(Reverse((distance + length, if a == city { b } else { a }, Some(city))));
            }
        }
    }
    Ok(ways)
}

#[cfg(test)]
mod tests {
    use phoenix_otel::testing;

    use super::*;

    #[tokio::test]
    async fn each_route_error_is_an_error_type() {
        let scope = testing::scope("planner");
        let find = |from: &str, to: &str| scope.in_scope(find_route(Path((from.to_owned(), to.to_owned()))));
        assert!(find("amsterdam", "vienna").await.is_ok());
        assert!(find("amsterdam", "atlantis").await.is_err());
        assert!(find("amsterdam", "akureyri").await.is_err());
        let calls = scope.function("find_route");
        assert_eq!((calls.ok, calls.error), (1, 2));
        assert_eq!((calls.errors_of("unknown_city"), calls.errors_of("no_road")), (1, 1));
    }

    /// The planning runs on another thread. The call includes it.
    #[tokio::test]
    async fn a_round_trip_is_recorded_as_one_call() {
        let scope = testing::scope("planner");
        assert!(scope.in_scope(plan_round_trip(Path("berlin,leipzig,prague".to_owned()))).await.is_ok());
        let too_long = (0..=MAX_STOPS).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        assert!(scope.in_scope(plan_round_trip(Path(too_long))).await.is_err());
        let calls = scope.function("plan_round_trip");
        assert_eq!((calls.ok, calls.errors_of("too_many_stops"), calls.active), (1, 1, 0));
    }
}
