//! A minimal program of a device. It reads its payload from memory that the compiler cannot see, so
//! that nothing is computed at build time.

#![no_std]
#![no_main]

extern crate alloc;

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
    // The functions of the C library that every program contains.
    let mut copy = [0_u8; 64];
    let length = payload.len().min(64);
    copy[..length].copy_from_slice(&payload[..length]);
    copy.copy_within(length / 2.., 0);
    black_box(copy[..length] == *payload);
    black_box(alloc::vec![0_u8; length]);
}
