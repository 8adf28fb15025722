//! The security floor that does not depend on who asks: origins, headers, client addresses.

use super::config::Config;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Whether a request that may change something comes from our own pages, or from no page at all.
///
/// Browsers send `Origin` with every such request; `Sec-Fetch-Site` says the same where there is no `Origin`. Programs that
/// are not browsers send neither, and carry no ambient cookies either.
#[must_use]
pub fn is_own_origin(headers: &HeaderMap, config: &Config) -> bool {
    if let Some(origin) = headers.get(header::ORIGIN) {
        return origin.to_str().is_ok_and(|origin| origin == config.origin() || is_same_host(origin, headers, config.is_https()));
    }
    headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none")
}

/// Whether a reader takes a step of their own: from one of our pages, or from none. Older browsers, and those without https, say only
/// which page they come from, if they say it.
#[must_use]
pub fn is_own_step(headers: &HeaderMap, config: &Config) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    headers.get(header::REFERER).is_none_or(|page| {
        let origin = page.to_str().ok().and_then(|page| Url::parse(page).ok()).map(|page| page.origin().ascii_serialization());
        origin.is_some_and(|origin| origin == config.origin() || is_same_host(&origin, headers, config.is_https()))
    })
}

/// A page opened under another name of ours (`localhost`, an address) talks to the host that served it. Where the public
/// address is `https:`, a page that came over the network without it may be anybody's.
fn is_same_host(origin: &str, headers: &HeaderMap, is_https: bool) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    Url::parse(origin).is_ok_and(|url| {
        let is_local = match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        if is_https && url.scheme() != "https" && !is_local {
            return false;
        }
        let name = url.host_str().unwrap_or_default();
        let authority = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        !authority.is_empty() && host == Some(authority.as_str())
    })
}

/// Whether a method may change something.
#[must_use]
pub fn is_mutation(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// The address of the client, believing exactly as many `X-Forwarded-For` entries as there are proxies of ours.
#[must_use]
pub fn client_ip(peer: Option<IpAddr>, headers: &HeaderMap, proxies: usize) -> Option<IpAddr> {
    if proxies == 0 {
        return peer;
    }
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let position = forwarded.len().checked_sub(proxies)?;
    forwarded.get(position).and_then(|text| text.parse().ok()).or(peer)
}

/// What throttles count as one client: an IPv4 address, or the 64 bits of an IPv6 address that name a network. Whoever has
/// one of those has all 2⁶⁴ addresses in it.
#[must_use]
pub fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// The addresses around one that usually have one owner: 256 of IPv4, and of IPv6 those that share 48 bits, which is what who rents
/// a server is given.
#[must_use]
pub fn neighbourhood(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 80 << 80)),
        IpAddr::V4(ip) => IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() >> 8 << 8)),
    }
}

/// The policy of a page whose own scripts are these: `'nonce-…'`, or `'sha256-…'` of each.
#[must_use]
pub fn content_security_policy(scripts: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' {scripts} 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    )
}

/// Puts the headers on that every answer carries, and those that only a document has use for where a browser can show it as one; a page's
/// own policy stays. A visit takes several files that are no documents: they came with more headers than some of them are long.
pub fn harden(headers: &mut HeaderMap, https: bool) {
    const ALWAYS: [(&str, &str); 2] = [("x-content-type-options", "nosniff"), ("cross-origin-resource-policy", "same-origin")];
    const DOCUMENTS: [(&str, &str); 3] = [
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "geolocation=(self), camera=(), microphone=(), payment=()"),
    ];
    let shown = if is_program(headers) { &[][..] } else { &DOCUMENTS };
    for (name, value) in ALWAYS.iter().chain(shown) {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if !shown.is_empty() {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
}

/// Whether it is a part of the browser's program or of its style. Who goes to its address sees text in which nothing runs, and what it asks
/// for by itself says of where it comes from what browsers say by default. (A worker's script would need its own policy; there is none.)
fn is_program(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| ["application/wasm", "text/javascript", "text/css"].contains(&kind.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config::read(&|name| (name == "MOIM_URL").then(|| "https://moim.example".to_owned())).expect("valid")
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a header"))).collect()
    }

    #[test]
    fn foreign_origins_are_refused() {
        let config = config();
        assert!(is_own_origin(&headers(&[("origin", "https://moim.example")]), &config));
        assert!(is_own_origin(&headers(&[("origin", "http://localhost:3000"), ("host", "localhost:3000")]), &config));
        assert!(is_own_origin(&headers(&[("sec-fetch-site", "same-origin")]), &config));
        assert!(is_own_origin(&headers(&[]), &config));
        for bad in [
            &[("origin", "https://evil.example")][..],
            &[("origin", "null")],
            &[("origin", "https://moim.example.evil.example")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "http://evil"), ("host", "moim.example")],
            &[("origin", "http://moim.example"), ("host", "moim.example")],
        ] {
            assert!(!is_own_origin(&headers(bad), &config), "{bad:?}");
        }
    }

    #[test]
    fn steps_of_ones_own_begin_on_our_pages_or_on_none() {
        let config = config();
        for own in [
            &[][..],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-origin"), ("referer", "https://evil.example/")],
            &[("referer", "https://moim.example/sign-in?next=%2F")],
            &[("referer", "http://localhost:3000/sign-in"), ("host", "localhost:3000")],
        ] {
            assert!(is_own_step(&headers(own), &config), "{own:?}");
        }
        for foreign in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site"), ("referer", "https://moim.example/")],
            &[("referer", "https://evil.example/https://moim.example/")],
            &[("referer", "https://moim.example.evil.example/")],
            &[("referer", "http://moim.example/"), ("host", "moim.example")],
            &[("referer", "about:blank")],
        ] {
            assert!(!is_own_step(&headers(foreign), &config), "{foreign:?}");
        }
    }

    #[test]
    fn what_can_be_shown_as_a_document_has_what_documents_need() {
        let hardened = |kind: Option<&str>, https| {
            let mut headers: HeaderMap = kind.map(|kind| headers(&[("content-type", kind)])).unwrap_or_default();
            harden(&mut headers, https);
            headers.remove(header::CONTENT_TYPE);
            let mut names: Vec<String> = headers.keys().map(ToString::to_string).collect();
            names.sort();
            names.join(" ")
        };
        let always = "cross-origin-resource-policy x-content-type-options";
        for kind in ["application/wasm", "text/css; charset=utf-8", "text/javascript"] {
            assert_eq!(hardened(Some(kind), false), always, "{kind}");
            assert_eq!(hardened(Some(kind), true), "cross-origin-resource-policy strict-transport-security x-content-type-options");
        }
        let all = "content-security-policy cross-origin-opener-policy cross-origin-resource-policy permissions-policy referrer-policy x-content-type-options";
        for kind in [None, Some("text/html"), Some("image/svg+xml"), Some("text/plain"), Some("application/json"), Some("text/css+html")] {
            assert_eq!(hardened(kind, false), all, "{kind:?}");
        }
    }

    #[test]
    fn one_network_is_one_client() {
        let network = |ip: &str| super::network(ip.parse().expect("an address")).to_string();
        assert_eq!(network("203.0.113.9"), "203.0.113.9");
        assert_eq!(network("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(network("2001:db8:1:2:aaaa:bbbb:cccc:dddd"), "2001:db8:1:2::");
        assert_ne!(network("2001:db8:1:3::1"), network("2001:db8:1:2::1"));
    }

    #[test]
    fn neighbours_share_the_beginning_of_their_addresses() {
        let around = |ip: &str| neighbourhood(ip.parse().expect("an address")).to_string();
        assert_eq!((around("203.0.113.9"), around("::ffff:203.0.113.200")), ("203.0.113.0".to_owned(), "203.0.113.0".to_owned()));
        assert_ne!(around("203.0.114.9"), around("203.0.113.9"));
        assert_eq!(around("2001:db8:1:2:aaaa::1"), "2001:db8:1::");
        assert_ne!(around("2001:db8:2::1"), around("2001:db8:1::1"));
    }

    #[test]
    fn only_our_own_proxies_are_believed() {
        let peer = "10.0.0.9".parse().ok();
        let forged = headers(&[("x-forwarded-for", "1.1.1.1, 2.2.2.2")]);
        assert_eq!(client_ip(peer, &forged, 0), peer);
        assert_eq!(client_ip(peer, &forged, 1), "2.2.2.2".parse().ok());
        assert_eq!(client_ip(peer, &forged, 2), "1.1.1.1".parse().ok());
        assert_eq!(client_ip(peer, &forged, 3), None);
    }
}
