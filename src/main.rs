//! The server's program.
#[tokio::main]
async fn main() -> std::process::ExitCode {
    moim::app::run::main().await
}
