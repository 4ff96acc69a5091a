//! As small as a device's program can be: it reads a payload from memory that the linker knows
//! nothing of, so that nothing is worked out when it is built.

#![no_std]
#![no_main]

extern crate alloc;

use core::{
    alloc::{GlobalAlloc, Layout},
    hint::black_box,
    ptr::null_mut,
    sync::atomic::{AtomicUsize, Ordering},
};

/// Hands out what was never used before.
struct Bump;

static mut HEAP: [u8; 65_536] = [0; 65_536];
static USED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every place is handed out once.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = USED.load(Ordering::Relaxed).next_multiple_of(layout.align());
        if start + layout.size() > 65_536 {
            return null_mut();
        }
        USED.store(start + layout.size(), Ordering::Relaxed);
        // SAFETY: it is within the heap.
        unsafe { (&raw mut HEAP).cast::<u8>().add(start) }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ALLOCATOR: Bump = Bump;

#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
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
    {
        use iothub_resource::{Direction, Message, Profile};
        if let Ok(message) = Message::decode(Profile::Deployed, Direction::Down, payload) {
            #[cfg(feature = "encode")]
            black_box(message.encode(Profile::Deployed).is_ok());
            #[cfg(feature = "observe")]
            {
                let mut observer = iothub_resource::session::Observer::new(Profile::Deployed);
                black_box(observer.observe(0, false, &message).is_ok());
            }
            black_box(&message);
        }
    }
    #[cfg(feature = "digest")]
    {
        use iothub_resource::{ContentMd5, Md5Sum};
        let digest = Md5Sum::of(payload);
        black_box((digest, ContentMd5::from(digest)));
    }
    // What any program has of the C library.
    let mut copy = [0_u8; 64];
    let length = payload.len().min(64);
    copy[..length].copy_from_slice(&payload[..length]);
    copy.copy_within(length / 2.., 0);
    black_box(copy[..length] == *payload);
    black_box(alloc::vec![0_u8; length]);
}
