"""Turn angles into rotations, and points of the body into points of the picture."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin, sqrt

# x forwards, y to the person's left, z up. Lengths are thousandths of the body's height.
Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]
Flat = tuple[float, float]

IDENTITY: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def add(a: Vector, b: Vector, scale: float = 1.0) -> Vector:
    """Return ``a + scale · b``."""
    return (a[0] + scale * b[0], a[1] + scale * b[1], a[2] + scale * b[2])


def dot(a: Vector, b: Vector) -> float:
    """Return the scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def length(a: Vector) -> float:
    """Return the length of a vector."""
    return sqrt(dot(a, a))


def turn(matrix: Matrix, vector: Vector) -> Vector:
    """Return the vector as the matrix turns it."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    x, y, z = vector
    return (a * x + b * y + c * z, d * x + e * y + f * z, g * x + h * y + i * z)


def chain(*matrices: Matrix) -> Matrix:
    """Return the product: the last one turns first."""
    product = matrices[0]
    for (a, b, c), (d, e, f), (g, h, i) in matrices[1:]:
        # Written out: a picture asks for hundreds of products.
        (x, y, z), (p, q, r), (s, t, u) = product
        product = (
            (x * a + y * d + z * g, x * b + y * e + z * h, x * c + y * f + z * i),
            (p * a + q * d + r * g, p * b + q * e + r * h, p * c + q * f + r * i),
            (s * a + t * d + u * g, s * b + t * e + u * h, s * c + t * f + u * i),
        )
    return product


def about_x(degrees: float) -> Matrix:
    """Return the rotation that takes y towards z."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return ((1.0, 0.0, 0.0), (0.0, c, -s), (0.0, s, c))


def about_y(degrees: float) -> Matrix:
    """Return the rotation that takes z towards x: a bow."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return ((c, 0.0, s), (0.0, 1.0, 0.0), (-s, 0.0, c))


def about_z(degrees: float) -> Matrix:
    """Return the rotation that takes x towards y: a turn to the left."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return ((c, -s, 0.0), (s, c, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Camera:
    """A view without perspective: what of space is right, up and near in the picture."""

    right: Vector
    up: Vector
    near: Vector

    def see(self, point: Vector) -> Flat:
        """Return the point in the picture; y grows downwards, as in SVG."""
        return (dot(self.right, point), -dot(self.up, point))

    def depth(self, point: Vector) -> float:
        """Return how near to the viewer the point is."""
        return dot(self.near, point)


def make_camera(degrees: float) -> Camera:
    """Return the camera that stands so many degrees from the person's front, to her right.

    0 sees the front, 90 the right side (the person faces right), 180 the back.
    """
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return Camera(right=(s, c, 0.0), up=(0.0, 0.0, 1.0), near=(c, -s, 0.0))
