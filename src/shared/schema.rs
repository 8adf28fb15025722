//! What the server functions take, as a schema for the public API's documentation (`app/openapi.rs`).
//!
//! `#[server(…, input_derive = (Clone, Serialize, Deserialize, Described))]` names what the struct of a function's arguments derives,
//! and knows no conditions. So the name means something on both sides.

#[cfg(feature = "ssr")]
mod side {
    pub use schemars::JsonSchema as Described;
}

/// The browser has no use for schemas. A derive must make something there, and what nobody calls is not in the program.
#[cfg(not(feature = "ssr"))]
mod side {
    pub use std::cmp::PartialEq as Described;
}

pub use side::Described;
