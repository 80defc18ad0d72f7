package export

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// The numbers that onnx.proto3 gives to the fields of its messages, as far as
// they are used here, to the types of attributes and to those of tensors.
//
// Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
const (
	modelIRVersion    = 1
	modelProducerName = 2
	modelDocString    = 6
	modelGraph        = 7
	modelOpsetImport  = 8
	modelMetadata     = 14

	opsetVersion = 2

	entryKey   = 1
	entryValue = 2

	graphNode        = 1
	graphName        = 2
	graphInitializer = 5
	graphInput       = 11
	graphOutput      = 12

	nodeInput     = 1
	nodeOutput    = 2
	nodeName      = 3
	nodeOp        = 4
	nodeAttribute = 5

	attributeName = 1
	attributeInts = 8
	attributeType = 20
	typeInts      = 7

	tensorDims     = 1
	tensorDataType = 2
	tensorName     = 8
	tensorRaw      = 9
	dataFloat      = 1
	dataInt64      = 7

	valueName      = 1
	valueType      = 2
	typeTensor     = 1
	tensorElemType = 1
	tensorShape    = 2
	shapeDim       = 1
	dimValue       = 1
	dimParam       = 2
)

// message is a message of a protocol buffer, to which fields are appended.
type message []byte

func (m *message) int(field protowire.Number, values ...int) {
	for _, v := range values {
		*m = protowire.AppendTag(*m, field, protowire.VarintType)
		*m = protowire.AppendVarint(*m, uint64(v))
	}
}

func (m *message) string(field protowire.Number, values ...string) {
	for _, v := range values {
		*m = protowire.AppendTag(*m, field, protowire.BytesType)
		*m = protowire.AppendString(*m, v)
	}
}

// bytes appends bytes or a message.
func (m *message) bytes(field protowire.Number, v []byte) {
	*m = protowire.AppendTag(*m, field, protowire.BytesType)
	*m = protowire.AppendBytes(*m, v)
}

// ints is an AttributeProto, a list of integers.
func ints(name string, values ...int) (m message) {
	m.string(attributeName, name)
	m.int(attributeInts, values...)
	m.int(attributeType, typeInts)
	return m
}

// floatTensor is a TensorProto of single precision.
func floatTensor(name string, shape []int, values []float32) message {
	raw := make([]byte, 0, 4*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return tensor(name, dataFloat, shape, raw)
}

// intTensor is a TensorProto, a vector of integers.
func intTensor(name string, values ...int) message {
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
	}
	return tensor(name, dataInt64, []int{len(values)}, raw)
}

func tensor(name string, dataType int, shape []int, raw []byte) (m message) {
	m.int(tensorDims, shape...)
	m.int(tensorDataType, dataType)
	m.string(tensorName, name)
	m.bytes(tensorRaw, raw)
	return m
}

// rows is a ValueInfoProto: any number N of rows of single precision, [N, width].
func rows(name string, width int) (m message) {
	var n, w, shape, of, t message
	n.string(dimParam, "N")
	w.int(dimValue, width)
	shape.bytes(shapeDim, n)
	shape.bytes(shapeDim, w)
	of.int(tensorElemType, dataFloat)
	of.bytes(tensorShape, shape)
	t.bytes(typeTensor, of)
	m.string(valueName, name)
	m.bytes(valueType, t)
	return m
}
