// Runs kernels.cu on the processor. Between two barriers each thread of a block has a stack of its own,
// and they take turns.
#include <math.h>
#include <time.h>
#include <ucontext.h>

struct position {
  int x;
  int y;
};

static struct position threadIdx, blockIdx, blockDim;
static ucontext_t block_turn;
static ucontext_t *thread_turn;

static void __syncthreads(void) {
  struct position self = threadIdx;
  swapcontext(thread_turn, &block_turn);
  threadIdx = self;
}

static uint64_t clock_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000ull + now.tv_nsec;
}

static float log2_approximate(float value) { return log2f(value); }

#define HOST_KERNELS
#define KERNEL static
#define __shared__ static
#include "kernels.cu"

#define ARGUMENT(type, index) (*(type *)arguments[index])

static void run_stft_power(void **arguments) {
  stft_power(ARGUMENT(float *, 0), ARGUMENT(float *, 1), ARGUMENT(float *, 2), ARGUMENT(float *, 3), ARGUMENT(int, 4));
}
static void run_mel_log(void **arguments) {
  mel_log(ARGUMENT(float *, 0), ARGUMENT(float *, 1), ARGUMENT(float *, 2), ARGUMENT(int, 3));
}
static void run_gemm(void **arguments) {
  gemm(ARGUMENT(float *, 0), ARGUMENT(float *, 1), ARGUMENT(float *, 2), ARGUMENT(int, 3));
}
static void run_normalise(void **arguments) {
  normalise(ARGUMENT(unsigned char *, 0), ARGUMENT(float *, 1), ARGUMENT(int, 2));
}
static void run_fill(void **arguments) { fill(ARGUMENT(float *, 0), ARGUMENT(float, 1), ARGUMENT(int, 2)); }
static void run_spin(void **arguments) { spin(ARGUMENT(unsigned long long, 0)); }

struct kernel {
  const char *name;
  void (*run)(void **arguments);
  int has_barrier;
};

static const struct kernel kernels[] = {
    {"stft_power", run_stft_power, 0}, {"mel_log", run_mel_log, 0}, {"gemm", run_gemm, 1},
    {"normalise", run_normalise, 0},   {"fill", run_fill, 0},       {"spin", run_spin, 0},
};

#define MOST_THREADS 1024
#define STACK_BYTES 16384

static const struct kernel *current_kernel;
static void **current_arguments;
static int thread_is_over;

static void thread_main(void) {
  current_kernel->run(current_arguments);
  thread_is_over = 1;
  swapcontext(thread_turn, &block_turn);
}

static void run_block_with_barriers(void) {
  static ucontext_t turns[MOST_THREADS];
  static char is_over[MOST_THREADS];
  int threads = blockDim.x * blockDim.y;
  char *stacks = malloc((size_t)threads * STACK_BYTES);
  for (int index = 0; index < threads; index += 1) {
    getcontext(&turns[index]);
    turns[index].uc_stack.ss_sp = stacks + (size_t)index * STACK_BYTES;
    turns[index].uc_stack.ss_size = STACK_BYTES;
    makecontext(&turns[index], thread_main, 0);
    is_over[index] = 0;
  }
  for (int living = threads; living > 0;) {
    for (int index = 0; index < threads; index += 1) {
      if (!is_over[index]) {
        threadIdx = (struct position){index % blockDim.x, index / blockDim.x};
        thread_turn = &turns[index];
        thread_is_over = 0;
        swapcontext(&block_turn, thread_turn);
        is_over[index] = thread_is_over;
        living -= thread_is_over;
      }
    }
  }
  free(stacks);
}

static void run_block(void) {
  if (current_kernel->has_barrier) {
    run_block_with_barriers();
    return;
  }
  for (threadIdx.y = 0; threadIdx.y < blockDim.y; threadIdx.y += 1) {
    for (threadIdx.x = 0; threadIdx.x < blockDim.x; threadIdx.x += 1) {
      current_kernel->run(current_arguments);
    }
  }
}

static void run_grid(const struct kernel *kernel, struct position grid, struct position block, void **arguments) {
  current_kernel = kernel;
  current_arguments = arguments;
  blockDim = block;
  for (blockIdx.y = 0; blockIdx.y < grid.y; blockIdx.y += 1) {
    for (blockIdx.x = 0; blockIdx.x < grid.x; blockIdx.x += 1) {
      run_block();
    }
  }
}
