#include "textflag.h"

// func tile(c *float32, ldc int, a *float32, rs, ks int, b *float32, k int, add bool)
//
// C[14, 32] = A[14, k] · B[k, 32], or C += with add. The distances are in bytes:
// ldc from row to row of C, rs from row to row of A, ks along k. B is contiguous.
// The tile stays in Z0 to Z27; Z28 and Z29 hold a row of B, Z31 one value of A.

#define ROW(mem, c0, c1) \
	VBROADCASTSS mem, Z31 \
	VFMADD231PS Z28, Z31, c0 \
	VFMADD231PS Z29, Z31, c1

#define READ(c0, c1) \
	VMOVUPS (R15), c0 \
	VMOVUPS 64(R15), c1 \
	ADDQ SI, R15

#define WRITE(c0, c1) \
	VMOVUPS c0, (DI) \
	VMOVUPS c1, 64(DI) \
	ADDQ SI, DI

#define ZERO(c0, c1) \
	VPXORQ c0, c0, c0 \
	VPXORQ c1, c1, c1

TEXT ·tile(SB), NOSPLIT, $0-57
	MOVQ c+0(FP), DI
	MOVQ ldc+8(FP), SI
	MOVQ a+16(FP), R8
	MOVQ rs+24(FP), R9
	MOVQ ks+32(FP), R10
	MOVQ b+40(FP), BX
	MOVQ k+48(FP), CX
	MOVBLZX add+56(FP), AX
	LEAQ (R8)(R9*4), R11
	LEAQ (R11)(R9*4), R12
	LEAQ (R12)(R9*4), R13
	LEAQ (R9)(R9*2), R14
	TESTQ AX, AX
	JZ   zero
	MOVQ DI, R15
	READ(Z0, Z1)
	READ(Z2, Z3)
	READ(Z4, Z5)
	READ(Z6, Z7)
	READ(Z8, Z9)
	READ(Z10, Z11)
	READ(Z12, Z13)
	READ(Z14, Z15)
	READ(Z16, Z17)
	READ(Z18, Z19)
	READ(Z20, Z21)
	READ(Z22, Z23)
	READ(Z24, Z25)
	READ(Z26, Z27)
	JMP  next
zero:
	ZERO(Z0, Z1)
	ZERO(Z2, Z3)
	ZERO(Z4, Z5)
	ZERO(Z6, Z7)
	ZERO(Z8, Z9)
	ZERO(Z10, Z11)
	ZERO(Z12, Z13)
	ZERO(Z14, Z15)
	ZERO(Z16, Z17)
	ZERO(Z18, Z19)
	ZERO(Z20, Z21)
	ZERO(Z22, Z23)
	ZERO(Z24, Z25)
	ZERO(Z26, Z27)
next:
	VMOVUPS (BX), Z28
	VMOVUPS 64(BX), Z29
	ADDQ $128, BX
	ROW((R8), Z0, Z1)
	ROW((R8)(R9*1), Z2, Z3)
	ROW((R8)(R9*2), Z4, Z5)
	ROW((R8)(R14*1), Z6, Z7)
	ROW((R11), Z8, Z9)
	ROW((R11)(R9*1), Z10, Z11)
	ROW((R11)(R9*2), Z12, Z13)
	ROW((R11)(R14*1), Z14, Z15)
	ROW((R12), Z16, Z17)
	ROW((R12)(R9*1), Z18, Z19)
	ROW((R12)(R9*2), Z20, Z21)
	ROW((R12)(R14*1), Z22, Z23)
	ROW((R13), Z24, Z25)
	ROW((R13)(R9*1), Z26, Z27)
	ADDQ R10, R8
	ADDQ R10, R11
	ADDQ R10, R12
	ADDQ R10, R13
	DECQ CX
	JNZ  next
	WRITE(Z0, Z1)
	WRITE(Z2, Z3)
	WRITE(Z4, Z5)
	WRITE(Z6, Z7)
	WRITE(Z8, Z9)
	WRITE(Z10, Z11)
	WRITE(Z12, Z13)
	WRITE(Z14, Z15)
	WRITE(Z16, Z17)
	WRITE(Z18, Z19)
	WRITE(Z20, Z21)
	WRITE(Z22, Z23)
	WRITE(Z24, Z25)
	WRITE(Z26, Z27)
	VZEROUPPER
	RET
