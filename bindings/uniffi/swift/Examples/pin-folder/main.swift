import W3pin
print(PinningError.Kind.allCases)
