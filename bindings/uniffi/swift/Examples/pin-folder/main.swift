import W3pin
print(kinds())
