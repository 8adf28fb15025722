//! `wasm-bindgen`, as far as `cargo leptos` calls it: reads a WASM module and writes the module and the JavaScript that
//! loads it.
//!
//! The official program (`wasm-bindgen-cli`) brings a test runner with an HTTP server and a WebDriver client, takes
//! minutes to build, and its published lock file no longer resolves. What it does for us is one library call.

use std::{env, error::Error, path::PathBuf, process::ExitCode};

use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: wasm-bindgen --target=web --out-dir=DIR [--out-name=NAME] [--keep-lld-exports] \
                     [--no-demangle] [--debug] [--keep-debug] [--no-typescript] INPUT.wasm";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  caused by: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut bindgen = Bindgen::new();
    let mut out_dir: Option<PathBuf> = None;
    let mut input: Option<PathBuf> = None;

    let mut args = env::args().skip(1);
    while let Some(arg) = args.next() {
        // Both `--flag=value` and `--flag value`.
        let (flag, mut inline) = match arg.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag.to_owned(), Some(value.to_owned())),
            _ => (arg, None),
        };
        let mut value = || {
            inline.take().or_else(|| args.next()).ok_or_else(|| format!("{flag} wants a value\n{USAGE}"))
        };
        match flag.as_str() {
            "--version" | "-V" => {
                println!("wasm-bindgen {}", env!("CARGO_PKG_VERSION"));
                return Ok(());
            }
            "--help" | "-h" => {
                println!("{USAGE}");
                return Ok(());
            }
            "--target" => match value()?.as_str() {
                "web" => {
                    bindgen.web(true)?;
                }
                other => return Err(format!("only --target=web is supported, not {other:?}").into()),
            },
            "--out-dir" => out_dir = Some(value()?.into()),
            "--out-name" => {
                bindgen.out_name(&value()?);
            }
            "--keep-lld-exports" => {
                bindgen.keep_lld_exports(true);
            }
            "--no-demangle" => {
                bindgen.demangle(false);
            }
            "--debug" => {
                bindgen.debug(true);
            }
            "--keep-debug" => {
                bindgen.keep_debug(true);
            }
            // Nobody reads the TypeScript declarations, and they would be served with the site.
            "--no-typescript" => {}
            // An unknown flag is a question this program would answer wrongly if it went on.
            flag if flag.starts_with('-') => return Err(format!("unknown flag {flag}\n{USAGE}").into()),
            path if input.is_none() => input = Some(path.into()),
            path => return Err(format!("a second input file: {path}\n{USAGE}").into()),
        }
    }

    let input = input.ok_or(USAGE)?;
    let out_dir = out_dir.ok_or(USAGE)?;
    bindgen.input_path(input).typescript(false).generate(out_dir)?;
    Ok(())
}
