// What the CUDA headers would bring, as far as kernels.cu needs it, for clang without CUDA.
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))

struct Position {
  int x;
  int y;
};

#define threadIdx (Position{__nvvm_read_ptx_sreg_tid_x(), __nvvm_read_ptx_sreg_tid_y()})
#define blockIdx (Position{__nvvm_read_ptx_sreg_ctaid_x(), __nvvm_read_ptx_sreg_ctaid_y()})
#define blockDim (Position{__nvvm_read_ptx_sreg_ntid_x(), __nvvm_read_ptx_sreg_ntid_y()})
