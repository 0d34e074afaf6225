//! The port of the numbers: the loopback alone, beside the site and never part of it.

use std::net::{IpAddr, Ipv4Addr};

use rocket::figment::Figment;
use rocket::http::{ContentType, Status};
use rocket::{Build, Rocket, State, get, routes};

use super::gathered::Sources;

/// OpenMetrics 1.0 as text.
const FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Where the numbers are to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// An address of the loopback.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
}

impl Port {
    /// Reads `metrics_port` and `metrics_address` of the settings; `None` without a port, or with
    /// port 0.
    ///
    /// # Errors
    /// What is wrong with them: the address has to be one of the loopback.
    pub fn read(figment: &Figment) -> Result<Option<Self>, String> {
        if !figment.contains("metrics_port") {
            return Ok(None);
        }
        let port = figment.extract_inner::<u16>("metrics_port");
        let port = port.map_err(|fault| format!("metrics_port: {fault}"))?;
        let address = match figment.contains("metrics_address") {
            true => figment.extract_inner::<IpAddr>("metrics_address"),
            false => Ok(Ipv4Addr::LOCALHOST.into()),
        };
        let address = address.map_err(|fault| format!("metrics_address: {fault}"))?;
        if !address.is_loopback() {
            return Err(format!(
                "metrics_address: {address} is no address of the loopback; let the collector run \
                 on this machine, or put a proxy with a password in front"
            ));
        }
        Ok((port > 0).then_some(Self { address, port }))
    }
}

/// The site of the numbers, ready to be launched. It ends when it is told to, not by signals: those
/// are for the pages.
#[must_use]
pub fn site(port: Port, sources: Sources) -> Rocket<Build> {
    let shutdown = rocket::config::Shutdown {
        ctrlc: false,
        signals: Default::default(),
        grace: 1,
        mercy: 1,
        force: false,
        ..Default::default()
    };
    let figment = Figment::from(rocket::Config { shutdown, ..rocket::Config::default() })
        .merge(("address", port.address.to_string()))
        .merge(("port", port.port))
        .merge(("ident", false))
        .merge(("log_level", "off"));
    rocket::custom(figment).manage(sources).mount("/", routes![metrics])
}

#[get("/metrics")]
async fn metrics(sources: &State<Sources>) -> Result<(ContentType, String), Status> {
    let text = sources.text().await.map_err(|_| Status::InternalServerError)?;
    let format = ContentType::parse_flexible(FORMAT).unwrap_or(ContentType::Plain);
    Ok((format, text))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_for_the_loopback_and_off_unless_a_port_is_given() {
        let figment = Figment::from(rocket::Config::default());
        assert_eq!(Port::read(&figment).unwrap(), None);
        assert_eq!(Port::read(&figment.clone().merge(("metrics_port", 0))).unwrap(), None);
        let on = figment.merge(("metrics_port", 9_464));
        let port = Port::read(&on).unwrap().unwrap();
        assert_eq!((port.address.to_string().as_str(), port.port), ("127.0.0.1", 9_464));
        let six = on.clone().merge(("metrics_address", "::1"));
        assert_eq!(Port::read(&six).unwrap().unwrap().address.to_string(), "::1");
        for wrong in ["0.0.0.0", "192.168.1.4", "::", "so.example"] {
            let fault = Port::read(&on.clone().merge(("metrics_address", wrong))).unwrap_err();
            assert!(fault.contains("metrics_address"), "{fault}");
        }
        assert!(Port::read(&on.merge(("metrics_port", 70_000))).is_err());
    }
}
