/** `kernels.cu` compiled; written by `make-ptx.js`, never by hand. */
export const ptx = `.version 7.0
.target sm_75
.address_size 64
.visible .entry stft_power(
	.param .u64 stft_power_param_0,
	.param .u64 stft_power_param_1,
	.param .u64 stft_power_param_2,
	.param .u64 stft_power_param_3,
	.param .u32 stft_power_param_4
)
{
	.reg .pred 	%p<3>;
	.reg .b32 	%r<19>;
	.reg .f32 	%f<16>;
	.reg .b64 	%rd<21>;
	ld.param.u32 	%r5, [stft_power_param_4];
	mov.u32 	%r6, %ctaid.x;
	mov.u32 	%r7, %ntid.x;
	mov.u32 	%r8, %tid.x;
	mad.lo.s32 	%r1, %r6, %r7, %r8;
	mul.lo.s32 	%r9, %r5, 257;
	setp.ge.s32 	%p1, %r1, %r9;
	@%p1 bra 	LBB0_4;
	ld.param.u64 	%rd8, [stft_power_param_0];
	ld.param.u64 	%rd9, [stft_power_param_3];
	cvta.to.global.u64 	%rd1, %rd9;
	ld.param.u64 	%rd10, [stft_power_param_1];
	ld.param.u64 	%rd11, [stft_power_param_2];
	cvta.to.global.u64 	%rd2, %rd11;
	cvta.to.global.u64 	%rd3, %rd10;
	cvta.to.global.u64 	%rd4, %rd8;
	mul.hi.s32 	%r11, %r1, 2139127681;
	shr.u32 	%r12, %r11, 31;
	shr.s32 	%r13, %r11, 7;
	add.s32 	%r14, %r13, %r12;
	mad.lo.s32 	%r2, %r14, -257, %r1;
	mul.lo.s32 	%r15, %r14, 160;
	mul.wide.s32 	%rd13, %r15, 4;
	add.s64 	%rd5, %rd4, %rd13;
	mov.f32 	%f14, 0f00000000;
	mov.u64 	%rd20, 0;
	mov.u32 	%r18, 0;
	mov.f32 	%f15, %f14;
LBB0_2:
	and.b32  	%r16, %r18, 511;
	add.s64 	%rd14, %rd5, %rd20;
	ld.global.f32 	%f6, [%rd14];
	add.s64 	%rd15, %rd3, %rd20;
	ld.global.f32 	%f7, [%rd15];
	mul.f32 	%f8, %f6, %f7;
	mul.wide.u32 	%rd16, %r16, 4;
	add.s64 	%rd17, %rd2, %rd16;
	ld.global.f32 	%f9, [%rd17];
	fma.rn.f32 	%f14, %f8, %f9, %f14;
	ld.global.f32 	%f10, [%rd17+2048];
	neg.f32 	%f11, %f8;
	fma.rn.f32 	%f15, %f11, %f10, %f15;
	add.s64 	%rd20, %rd20, 4;
	cvt.u32.u64 	%r17, %rd20;
	add.s32 	%r18, %r18, %r2;
	setp.eq.s32 	%p2, %r17, 1600;
	@%p2 bra 	LBB0_3;
	bra.uni 	LBB0_2;
LBB0_3:
	mul.f32 	%f12, %f14, %f14;
	fma.rn.f32 	%f13, %f15, %f15, %f12;
	mul.wide.s32 	%rd18, %r1, 4;
	add.s64 	%rd19, %rd1, %rd18;
	st.global.f32 	[%rd19], %f13;
LBB0_4:
	ret;
}
.visible .entry mel_log(
	.param .u64 mel_log_param_0,
	.param .u64 mel_log_param_1,
	.param .u64 mel_log_param_2,
	.param .u32 mel_log_param_3
)
{
	.reg .pred 	%p<4>;
	.reg .b32 	%r<14>;
	.reg .f32 	%f<19>;
	.reg .b64 	%rd<20>;
	ld.param.u32 	%r2, [mel_log_param_3];
	mov.u32 	%r3, %ctaid.x;
	mov.u32 	%r4, %ntid.x;
	mov.u32 	%r5, %tid.x;
	mad.lo.s32 	%r1, %r3, %r4, %r5;
	mul.lo.s32 	%r6, %r2, 80;
	setp.ge.s32 	%p1, %r1, %r6;
	@%p1 bra 	LBB1_5;
	ld.param.u64 	%rd10, [mel_log_param_0];
	ld.param.u64 	%rd11, [mel_log_param_2];
	cvta.to.global.u64 	%rd1, %rd11;
	ld.param.u64 	%rd12, [mel_log_param_1];
	cvta.to.global.u64 	%rd2, %rd12;
	cvta.to.global.u64 	%rd3, %rd10;
	mul.hi.s32 	%r7, %r1, 1717986919;
	shr.u32 	%r8, %r7, 31;
	shr.s32 	%r9, %r7, 5;
	add.s32 	%r10, %r9, %r8;
	mad.lo.s32 	%r11, %r10, -80, %r1;
	mul.lo.s32 	%r12, %r11, 257;
	mul.wide.s32 	%rd14, %r12, 4;
	add.s64 	%rd4, %rd2, %rd14;
	mul.wide.s32 	%rd15, %r10, 1028;
	add.s64 	%rd16, %rd15, %rd3;
	add.s64 	%rd5, %rd16, 12;
	mov.f32 	%f18, 0f00000000;
	mov.u64 	%rd19, 0;
LBB1_2:
	add.s64 	%rd7, %rd4, %rd19;
	ld.global.f32 	%f5, [%rd7];
	add.s64 	%rd8, %rd5, %rd19;
	ld.global.f32 	%f6, [%rd8+-12];
	fma.rn.f32 	%f2, %f5, %f6, %f18;
	cvt.u32.u64 	%r13, %rd19;
	setp.eq.s32 	%p2, %r13, 1024;
	@%p2 bra 	LBB1_4;
	ld.global.f32 	%f7, [%rd7+4];
	ld.global.f32 	%f8, [%rd8+-8];
	fma.rn.f32 	%f9, %f7, %f8, %f2;
	ld.global.f32 	%f10, [%rd7+8];
	ld.global.f32 	%f11, [%rd8+-4];
	fma.rn.f32 	%f12, %f10, %f11, %f9;
	ld.global.f32 	%f13, [%rd7+12];
	ld.global.f32 	%f14, [%rd8];
	fma.rn.f32 	%f18, %f13, %f14, %f12;
	add.s64 	%rd19, %rd19, 16;
	bra.uni 	LBB1_2;
LBB1_4:
	setp.lt.f32 	%p3, %f2, 0f2EDBE6FF;
	selp.f32 	%f16, 0f2EDBE6FF, %f2, %p3;
	lg2.approx.f32 %f15, %f16;
	mul.f32 	%f17, %f15, 0f3E9A209B;
	mul.wide.s32 	%rd17, %r1, 4;
	add.s64 	%rd18, %rd1, %rd17;
	st.global.f32 	[%rd18], %f17;
LBB1_5:
	ret;
}
.visible .entry gemm(
	.param .u64 gemm_param_0,
	.param .u64 gemm_param_1,
	.param .u64 gemm_param_2,
	.param .u32 gemm_param_3
)
{
	.reg .pred 	%p<15>;
	.reg .b32 	%r<17>;
	.reg .f32 	%f<23>;
	.reg .b64 	%rd<45>;
	.shared .align 4 .b8 _ZZ4gemmE9left_tile[1024];
	.shared .align 4 .b8 _ZZ4gemmE10right_tile[1024];
	ld.param.u32 	%r8, [gemm_param_3];
	mov.u32 	%r9, %ctaid.y;
	shl.b32 	%r10, %r9, 4;
	mov.u32 	%r1, %tid.y;
	add.s32 	%r2, %r10, %r1;
	mov.u32 	%r11, %ctaid.x;
	shl.b32 	%r12, %r11, 4;
	mov.u32 	%r3, %tid.x;
	add.s32 	%r4, %r12, %r3;
	setp.lt.s32 	%p2, %r8, 1;
	mov.f32 	%f22, 0f00000000;
	cvt.s64.s32 	%rd42, %r4;
	setp.lt.s32 	%p13, %r4, %r8;
	setp.lt.s32 	%p14, %r2, %r8;
	@%p2 bra 	LBB2_9;
	ld.param.u64 	%rd18, [gemm_param_0];
	ld.param.u64 	%rd20, [gemm_param_1];
	cvta.to.global.u64 	%rd2, %rd20;
	cvta.to.global.u64 	%rd3, %rd18;
	cvt.s64.s32 	%rd21, %r2;
	cvt.u64.u32 	%rd4, %r8;
	mul.lo.s64 	%rd5, %rd4, %rd21;
	mul.wide.s32 	%rd22, %r1, 64;
	mov.u64 	%rd23, _ZZ4gemmE9left_tile;
	add.s64 	%rd10, %rd23, %rd22;
	mul.wide.s32 	%rd24, %r3, 4;
	add.s64 	%rd6, %rd10, %rd24;
	mov.u64 	%rd25, _ZZ4gemmE10right_tile;
	add.s64 	%rd26, %rd25, %rd22;
	add.s64 	%rd8, %rd26, %rd24;
	add.s64 	%rd27, %rd25, %rd24;
	add.s64 	%rd9, %rd27, 64;
	mov.u32 	%r16, 0;
	mov.f32 	%f10, 0f00000000;
	mov.f32 	%f22, %f10;
LBB2_2:
	add.s32 	%r14, %r16, %r3;
	setp.lt.s32 	%p5, %r14, %r8;
	and.pred  	%p6, %p14, %p5;
	mov.f32 	%f20, %f10;
	@!%p6 bra 	LBB2_4;
	bra.uni 	LBB2_3;
LBB2_3:
	cvt.s64.s32 	%rd28, %r14;
	add.s64 	%rd29, %rd5, %rd28;
	shl.b64 	%rd30, %rd29, 2;
	add.s64 	%rd11, %rd3, %rd30;
	ld.global.f32 	%f20, [%rd11];
LBB2_4:
	add.s32 	%r6, %r16, %r1;
	setp.lt.s32 	%p7, %r6, %r8;
	and.pred  	%p1, %p7, %p13;
	st.shared.f32 	[%rd6], %f20;
	mov.f32 	%f21, %f10;
	@!%p1 bra 	LBB2_6;
	bra.uni 	LBB2_5;
LBB2_5:
	cvt.s64.s32 	%rd31, %r6;
	mul.lo.s64 	%rd32, %rd31, %rd4;
	add.s64 	%rd33, %rd32, %rd42;
	shl.b64 	%rd34, %rd33, 2;
	add.s64 	%rd12, %rd2, %rd34;
	ld.global.f32 	%f21, [%rd12];
LBB2_6:
	st.shared.f32 	[%rd8], %f21;
	bar.sync 	0;
	mov.u64 	%rd44, 0;
	mov.u64 	%rd43, %rd9;
LBB2_7:
	add.s64 	%rd36, %rd10, %rd44;
	ld.shared.f32 	%f13, [%rd36];
	ld.shared.f32 	%f14, [%rd43+-64];
	fma.rn.f32 	%f15, %f13, %f14, %f22;
	ld.shared.f32 	%f16, [%rd36+4];
	ld.shared.f32 	%f17, [%rd43];
	fma.rn.f32 	%f22, %f16, %f17, %f15;
	add.s64 	%rd44, %rd44, 8;
	cvt.u32.u64 	%r15, %rd44;
	add.s64 	%rd43, %rd43, 128;
	setp.eq.s32 	%p8, %r15, 64;
	@%p8 bra 	LBB2_8;
	bra.uni 	LBB2_7;
LBB2_8:
	bar.sync 	0;
	add.s32 	%r16, %r16, 16;
	setp.lt.s32 	%p9, %r16, %r8;
	@%p9 bra 	LBB2_2;
LBB2_9:
	and.pred  	%p12, %p14, %p13;
	@%p12 bra 	LBB2_10;
	bra.uni 	LBB2_11;
LBB2_10:
	ld.param.u64 	%rd19, [gemm_param_2];
	cvta.to.global.u64 	%rd1, %rd19;
	mul.wide.s32 	%rd37, %r8, %r2;
	add.s64 	%rd39, %rd37, %rd42;
	shl.b64 	%rd40, %rd39, 2;
	add.s64 	%rd41, %rd1, %rd40;
	st.global.f32 	[%rd41], %f22;
LBB2_11:
	ret;
}
.visible .entry normalise(
	.param .u64 normalise_param_0,
	.param .u64 normalise_param_1,
	.param .u32 normalise_param_2
)
{
	.reg .pred 	%p<2>;
	.reg .b16 	%rs<4>;
	.reg .b32 	%r<6>;
	.reg .f32 	%f<10>;
	.reg .b64 	%rd<12>;
	ld.param.u32 	%r2, [normalise_param_2];
	mov.u32 	%r3, %ctaid.x;
	mov.u32 	%r4, %ntid.x;
	mov.u32 	%r5, %tid.x;
	mad.lo.s32 	%r1, %r3, %r4, %r5;
	setp.ge.s32 	%p1, %r1, %r2;
	@%p1 bra 	LBB3_2;
	ld.param.u64 	%rd3, [normalise_param_0];
	ld.param.u64 	%rd4, [normalise_param_1];
	cvta.to.global.u64 	%rd1, %rd4;
	cvta.to.global.u64 	%rd2, %rd3;
	mul.wide.s32 	%rd5, %r1, 3;
	add.s64 	%rd6, %rd2, %rd5;
	ld.global.u8 	%rs1, [%rd6];
	cvt.rn.f32.u16 	%f1, %rs1;
	div.rn.f32 	%f2, %f1, 0f42FF0000;
	add.f32 	%f3, %f2, 0fBF800000;
	mul.wide.s32 	%rd7, %r1, 4;
	add.s64 	%rd8, %rd1, %rd7;
	st.global.f32 	[%rd8], %f3;
	ld.global.u8 	%rs2, [%rd6+1];
	cvt.rn.f32.u16 	%f4, %rs2;
	div.rn.f32 	%f5, %f4, 0f42FF0000;
	add.f32 	%f6, %f5, 0fBF800000;
	mul.wide.s32 	%rd9, %r2, 4;
	add.s64 	%rd10, %rd8, %rd9;
	st.global.f32 	[%rd10], %f6;
	ld.global.u8 	%rs3, [%rd6+2];
	cvt.rn.f32.u16 	%f7, %rs3;
	div.rn.f32 	%f8, %f7, 0f42FF0000;
	add.f32 	%f9, %f8, 0fBF800000;
	add.s64 	%rd11, %rd10, %rd9;
	st.global.f32 	[%rd11], %f9;
LBB3_2:
	ret;
}
.visible .entry fill(
	.param .u64 fill_param_0,
	.param .f32 fill_param_1,
	.param .u32 fill_param_2
)
{
	.reg .pred 	%p<2>;
	.reg .b32 	%r<6>;
	.reg .f32 	%f<2>;
	.reg .b64 	%rd<5>;
	ld.param.u32 	%r1, [fill_param_2];
	mov.u32 	%r2, %ctaid.x;
	mov.u32 	%r3, %ntid.x;
	mov.u32 	%r4, %tid.x;
	mad.lo.s32 	%r5, %r2, %r3, %r4;
	setp.ge.s32 	%p1, %r5, %r1;
	@%p1 bra 	LBB4_2;
	ld.param.f32 	%f1, [fill_param_1];
	ld.param.u64 	%rd2, [fill_param_0];
	cvta.to.global.u64 	%rd3, %rd2;
	mul.wide.s32 	%rd4, %r5, 4;
	add.s64 	%rd1, %rd3, %rd4;
	st.global.f32 	[%rd1], %f1;
LBB4_2:
	ret;
}
.visible .entry spin(
	.param .u64 spin_param_0
)
{
	.reg .pred 	%p<2>;
	.reg .b64 	%rd<6>;
	ld.param.u64 	%rd2, [spin_param_0];
	mov.u64 %rd3, %globaltimer;
LBB5_1:
	mov.u64 %rd4, %globaltimer;
	sub.s64 	%rd5, %rd4, %rd3;
	setp.lt.u64 	%p1, %rd5, %rd2;
	@%p1 bra 	LBB5_1;
	ret;
}
`;
