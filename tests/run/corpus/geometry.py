"""Rotations, distances, curves, cameras, meshes."""

import math
from collections import namedtuple
from dataclasses import dataclass

import numpy as np

EXAMPLES = []

rng = np.random.default_rng(4)
UP = np.array([0.0, 0.0, 1.0])


def rotation2d(theta):
    c, s = np.cos(theta), np.sin(theta)
    return np.array([[c, -s], [s, c]])


def procrustes(theta, shift, source, target):
    moved = source @ rotation2d(theta).T + shift
    return np.sum((moved - target) ** 2)


EXAMPLES += [
    (procrustes, (0.3, np.array([0.1, -0.2]), rng.normal(size=(4, 2)), rng.normal(size=(4, 2))))
]


def euler(angles):
    a, b, c = angles
    Rz = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    Ry = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    Rx = np.array([[1, 0, 0], [0, np.cos(c), -np.sin(c)], [0, np.sin(c), np.cos(c)]])
    return Rz @ Ry @ Rx


def euler_alignment(angles, p, q):
    return np.linalg.norm(euler(angles) @ p - q)


EXAMPLES += [
    (euler_alignment, (np.array([0.1, 0.2, -0.3]), rng.normal(size=3), rng.normal(size=3)))
]


def quaternion_rotate(q, v):
    """Rotate `v` by the quaternion `q`, which is normalised first."""
    q = q / np.linalg.norm(q)
    w, u = q[0], q[1:]
    t = 2 * np.cross(u, v)
    return v + w * t + np.cross(u, t)


def quaternion_loss(q, v, target):
    return np.sum((quaternion_rotate(q, v) - target) ** 2)


EXAMPLES += [
    (quaternion_loss, (np.array([0.9, 0.1, -0.3, 0.2]), rng.normal(size=3), rng.normal(size=3)))
]


def skew(w):
    return np.array([[0.0, -w[2], w[1]], [w[2], 0.0, -w[0]], [-w[1], w[0], 0.0]])


def rodrigues(w):
    theta = np.sqrt(w @ w)
    K = skew(w / theta)
    return np.eye(3) + np.sin(theta) * K + (1 - np.cos(theta)) * (K @ K)


def rodrigues_loss(w, points):
    return np.sum((points @ rodrigues(w).T)[:, 2] ** 2)


EXAMPLES += [(rodrigues_loss, (np.array([0.3, -0.5, 0.8]), rng.normal(size=(3, 3))))]


def triangle_area(a, b, c):
    return 0.5 * np.linalg.norm(np.cross(b - a, c - a))


EXAMPLES += [(triangle_area, tuple(rng.normal(size=(3, 3))))]


def heron(a, b, c):
    s = (a + b + c) / 2
    return math.sqrt(s * (s - a) * (s - b) * (s - c))


EXAMPLES += [(heron, (3.0, 4.0, 4.5)), (heron, (3, 4, 5))]


def polygon_area(xy):
    """The shoelace formula."""
    x, y = xy.T
    return 0.5 * np.abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))


EXAMPLES += [(polygon_area, (np.array([[0.0, 0.0], [2.0, 0.1], [2.2, 1.4], [0.3, 1.1]]),))]


def mesh_volume(vertices, faces):
    """Signed volume of a mesh by an integer array of faces, vertices being shared."""
    a, b, c = vertices[faces[:, 0]], vertices[faces[:, 1]], vertices[faces[:, 2]]
    return np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0


EXAMPLES += [
    (
        mesh_volume,
        (rng.normal(size=(4, 3)), np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]])),
    )
]


def haversine(lat1, lon1, lat2, lon2, radius=6371.0):
    dlat = math.radians(lat2 - lat1)
    dlon = math.radians(lon2 - lon1)
    a = (
        math.sin(dlat / 2) ** 2
        + math.cos(math.radians(lat1)) * math.cos(math.radians(lat2)) * math.sin(dlon / 2) ** 2
    )
    return 2 * radius * math.asin(math.sqrt(a))


EXAMPLES += [(haversine, (52.0, 13.0, 48.0, 2.0))]


def bezier_length(P, n=6):
    """The length of a cubic Bezier curve, by chords."""
    t = np.linspace(0, 1, n)[:, None]
    curve = (
        (1 - t) ** 3 * P[0] + 3 * (1 - t) ** 2 * t * P[1] + 3 * (1 - t) * t**2 * P[2] + t**3 * P[3]
    )
    return np.sum(np.linalg.norm(np.diff(curve, axis=0), axis=1))


EXAMPLES += [
    (bezier_length, (rng.normal(size=(4, 2)),)),
    (bezier_length, (rng.normal(size=(4, 3)), 4)),
]


def pairwise_distances(X):
    sq = np.sum(X**2, axis=1)
    d2 = sq[:, None] + sq[None, :] - 2 * X @ X.T
    return np.sqrt(np.maximum(d2, 1e-9))


def stress(X, D):
    """Multidimensional scaling."""
    i, j = [0, 0, 1], [1, 2, 2]
    return np.sum((pairwise_distances(X)[i, j] - D[i, j]) ** 2)


EXAMPLES += [(stress, (rng.normal(size=(3, 2)), np.ones((3, 3))))]


Camera = namedtuple("Camera", ["focal", "center", "distortion"])


def project(camera, points):
    uv = points[:, :2] / points[:, 2:]
    r2 = np.sum(uv * uv, axis=1, keepdims=True)
    k1, k2 = camera.distortion
    return camera.focal * uv * (1 + k1 * r2 + k2 * r2**2) + camera.center


def reprojection_error(camera, points, observed):
    residual = project(camera, points) - observed
    return 0.5 * np.sum(residual**2)


EXAMPLES += [
    (
        reprojection_error,
        (
            Camera(1.2, np.array([0.1, -0.1]), (0.01, 0.002)),
            rng.normal(size=(3, 3)) + np.array([0.0, 0.0, 4.0]),
            rng.normal(size=(3, 2)),
        ),
    )
]


@dataclass
class Sphere:
    center: np.ndarray
    radius: float
    name: str = "sphere"


def signed_distance(sphere, p):
    return np.linalg.norm(p - sphere.center) - sphere.radius


EXAMPLES += [
    (signed_distance, (Sphere(np.array([0.1, 0.2, 0.3]), 0.5), np.array([1.0, -1.0, 0.4])))
]


def scene(spheres, p, k=8.0):
    """A smooth minimum over the distances to a few spheres."""
    distances = np.array([signed_distance(s, p) for s in spheres])
    return -np.log(np.sum(np.exp(-k * distances))) / k


EXAMPLES += [
    (
        scene,
        (
            [Sphere(rng.normal(size=3), 0.5), Sphere(rng.normal(size=3), 0.7, "other")],
            rng.normal(size=3),
        ),
    )
]


def lambert(normal, light, albedo):
    n = normal / np.sqrt(np.sum(normal**2))
    l = light / np.sqrt(np.sum(light**2))
    return float(albedo * max(0.0, n @ l))


EXAMPLES += [(lambert, (np.array([0.1, 0.2, 1.0]), np.array([0.5, 0.1, 0.8]), 0.7))]


def angle_between(u, v):
    cos = u @ v / (np.linalg.norm(u) * np.linalg.norm(v))
    return np.arccos(np.clip(cos, -1.0, 1.0))


EXAMPLES += [(angle_between, (np.array([1.0, 0.2, 0.1]), np.array([-0.3, 0.5, 0.9])))]


def look_at(eye, target, p):
    forward = (target - eye) / np.linalg.norm(target - eye)
    side = np.cross(forward, UP)
    side = side / np.linalg.norm(side)
    up = np.cross(side, forward)
    view = np.stack([side, up, -forward])
    return np.sum((view @ (p - eye)) ** 3)


EXAMPLES += [
    (look_at, (np.array([3.0, 1.0, 2.0]), np.array([0.1, 0.0, 0.2]), np.array([0.5, -0.5, 0.3])))
]


def forward_kinematics(angles, lengths=(1.0, 0.8, 0.5)):
    """The end of a planar arm: angles add up along it."""
    total = np.cumsum(angles)
    L = np.array(lengths)
    return np.array([np.sum(L * np.cos(total)), np.sum(L * np.sin(total))])


def reach(angles, goal):
    return np.sum((forward_kinematics(angles) - goal) ** 2)


EXAMPLES += [(reach, (np.array([0.3, 0.5, -0.2]), np.array([1.2, 0.8])))]


def spherical(r, theta, phi):
    x = r * math.sin(theta) * math.cos(phi)
    y = r * math.sin(theta) * math.sin(phi)
    z = r * math.cos(theta)
    return x, y, z


def spherical_distance(a, b):
    (x1, y1, z1), (x2, y2, z2) = spherical(*a), spherical(*b)
    return math.sqrt((x1 - x2) ** 2 + (y1 - y2) ** 2 + (z1 - z2) ** 2)


EXAMPLES += [(spherical_distance, ((1.0, 0.3, 0.5), (1.2, 0.8, -0.4)))]


def moment_of_inertia(points, masses):
    com = masses @ points / masses.sum()
    r = points - com
    r2 = np.einsum("ij,ij->i", r, r)
    inertia = np.sum(masses * r2) * np.eye(3) - np.einsum("i,ij,ik->jk", masses, r, r)
    return np.trace(inertia) + np.linalg.det(inertia)


EXAMPLES += [(moment_of_inertia, (rng.normal(size=(4, 3)), np.array([1.0, 2.0, 0.5, 1.5])))]
