//! A minimal program for a device. It reads its payload from memory whose content the compiler
//! cannot predict, so that nothing is computed at build time.

#![no_std]
#![no_main]

extern crate alloc;

#[cfg(any(feature = "device", feature = "platform"))]
mod sides;
#[cfg(any(feature = "decode", feature = "digest", feature = "topic", feature = "http"))]
mod work;

use core::{
    alloc::{GlobalAlloc, Layout},
    hint::black_box,
    ptr::null_mut,
    sync::atomic::{AtomicUsize, Ordering},
};

/// An allocator that never reuses memory.
struct Bump;

static mut HEAP: [u8; 65_536] = [0; 65_536];
static USED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: no byte is handed out twice.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = USED.load(Ordering::Relaxed).next_multiple_of(layout.align());
        if start + layout.size() > 65_536 {
            return null_mut();
        }
        USED.store(start + layout.size(), Ordering::Relaxed);
        // SAFETY: `start` is within the heap.
        unsafe { (&raw mut HEAP).cast::<u8>().add(start) }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ALLOCATOR: Bump = Bump;

#[panic_handler]
fn panicked(info: &core::panic::PanicInfo<'_>) -> ! {
    // When panics are counted, the compiler must not remove a panic whose message is unused.
    #[cfg(feature = "panics")]
    black_box(info);
    #[cfg(not(feature = "panics"))]
    let _ = info;
    loop {}
}

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let payload: &[u8] = black_box(&[]);
    run(payload);
    loop {}
}

fn run(payload: &[u8]) {
    #[cfg(feature = "decode")]
    work::decode(payload);
    #[cfg(feature = "digest")]
    work::digest(payload);
    #[cfg(feature = "topic")]
    work::topic(payload);
    #[cfg(feature = "http")]
    work::http(payload);
    #[cfg(feature = "device")]
    sides::device(payload);
    #[cfg(feature = "platform")]
    sides::platform(payload);
    // These operations use the functions of the C library that every program contains.
    #[cfg(not(feature = "panics"))]
    {
        let mut copy = [0_u8; 64];
        let length = payload.len().min(64);
        copy[..length].copy_from_slice(&payload[..length]);
        copy.copy_within(length / 2.., 0);
        black_box(copy[..length] == *payload);
        black_box(alloc::vec![0_u8; length]);
    }
}
