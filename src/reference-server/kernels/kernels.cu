// The kernels of the reference server. Plain CUDA C without a header, so that three compilers take it:
// clang, for the PTX text in ptx.ts (`node src/reference-server/kernels/make-ptx.js`, needs clang 14 or
// later and nothing of CUDA); nvcc; and the fake driver of the tests, which runs it on the processor.
// The processor's own versions, in cpu.ts, give the same values.

#ifndef KERNEL
#define KERNEL extern "C" __global__
#endif

// The shape of log-mel.ts.
#define WINDOW_SAMPLES 400
#define HOP_SAMPLES 160
#define FFT_POINTS 512
#define BINS 257
#define BANDS 80
#define LEAST_POWER 1e-10f

#define TILE 16

#define GLOBAL_INDEX (blockIdx.x * blockDim.x + threadIdx.x)

// A kernel on the processor brings its own two.
#ifndef HOST_KERNELS
static __device__ inline float log2_approximate(float value) {
  float result;
  asm("lg2.approx.f32 %0, %1;" : "=f"(result) : "f"(value));
  return result;
}

static __device__ inline unsigned long long clock_ns(void) {
  unsigned long long now;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  return now;
}
#endif

// One thread for each bin of each frame. A plain sum over the window: at 400 samples it is not worth a
// transform with shared memory, and it cannot be wrong in an interesting way.
KERNEL void stft_power(const float *samples, const float *window, const float *twiddles, float *power, int frames) {
  int index = GLOBAL_INDEX;
  if (index >= frames * BINS) {
    return;
  }
  int frame = index / BINS;
  int bin = index - frame * BINS;
  const float *from = samples + (long long)frame * HOP_SAMPLES;
  float real = 0.0f;
  float imaginary = 0.0f;
  for (int at = 0; at < WINDOW_SAMPLES; at += 1) {
    int turn = (at * bin) & (FFT_POINTS - 1);
    float value = from[at] * window[at];
    real += value * twiddles[turn];
    imaginary -= value * twiddles[FFT_POINTS + turn];
  }
  power[index] = real * real + imaginary * imaginary;
}

// One thread for each band of each frame: the common logarithm of the filtered power.
KERNEL void mel_log(const float *power, const float *filters, float *bands, int frames) {
  int index = GLOBAL_INDEX;
  if (index >= frames * BANDS) {
    return;
  }
  int frame = index / BANDS;
  int band = index - frame * BANDS;
  const float *row = power + (long long)frame * BINS;
  const float *filter = filters + band * BINS;
  float sum = 0.0f;
  for (int bin = 0; bin < BINS; bin += 1) {
    sum += filter[bin] * row[bin];
  }
  bands[index] = 0.30102999566398120f * log2_approximate(sum < LEAST_POWER ? LEAST_POWER : sum);
}

// product = left x right, square, rows first; one TILE x TILE block for each tile of the product.
KERNEL void gemm(const float *left, const float *right, float *product, int size) {
  __shared__ float left_tile[TILE][TILE];
  __shared__ float right_tile[TILE][TILE];
  int row = blockIdx.y * TILE + threadIdx.y;
  int column = blockIdx.x * TILE + threadIdx.x;
  float sum = 0.0f;
  for (int first = 0; first < size; first += TILE) {
    int left_column = first + threadIdx.x;
    int right_row = first + threadIdx.y;
    int has_left = row < size && left_column < size;
    int has_right = right_row < size && column < size;
    left_tile[threadIdx.y][threadIdx.x] = has_left ? left[(long long)row * size + left_column] : 0.0f;
    right_tile[threadIdx.y][threadIdx.x] = has_right ? right[(long long)right_row * size + column] : 0.0f;
    __syncthreads();
    for (int inner = 0; inner < TILE; inner += 1) {
      sum += left_tile[threadIdx.y][inner] * right_tile[inner][threadIdx.x];
    }
    __syncthreads();
  }
  if (row < size && column < size) {
    product[(long long)row * size + column] = sum;
  }
}

// RGB bytes, row by row, to three planes of -1..1.
KERNEL void normalise(const unsigned char *pixels, float *planes, int plane_size) {
  int pixel = GLOBAL_INDEX;
  if (pixel >= plane_size) {
    return;
  }
  for (int plane = 0; plane < 3; plane += 1) {
    planes[(long long)plane * plane_size + pixel] = pixels[3LL * pixel + plane] / 127.5f - 1.0f;
  }
}

KERNEL void fill(float *values, float value, int count) {
  int index = GLOBAL_INDEX;
  if (index < count) {
    values[index] = value;
  }
}

// Keeps the device busy for a known time.
KERNEL void spin(unsigned long long ns) {
  unsigned long long start = clock_ns();
  while (clock_ns() - start < ns);
}
