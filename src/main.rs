//! The server's program.

/// Drawing a page takes thousands of small allocations, many of which are freed by another thread: the C library's own allocator
/// takes a good part of the time for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    moim::app::run::main().await
}
