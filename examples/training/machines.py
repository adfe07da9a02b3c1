# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A simulated fleet of pumps with electric motors, and what their sensors read every ten seconds.

Each machine has constants of its own, drawn at random: how fast it turns, what it draws, how it is balanced, how well
it is cooled. Its load follows set points that change at random, with some drift between them. From the load follow

- the speed, by the motor's slip, and with its square the pressure at no flow, of which the flow takes a part;
- the current, the motor's own and what the load needs;
- the vibration, by the machine's imbalance and the square of its speed;
- the heat of the bearing, by friction and load, and its temperature, as of a body that takes up heat and loses it to
  the surroundings with a time constant of seven to fifteen minutes.

A fault begins at some time and grows to its strength within half an hour:

- ``imbalance``: vibration grows, steadily;
- ``bearing_wear``: friction heats the bearing, and it rattles in bursts;
- ``cooling_blocked``: the bearing loses less heat; nothing else changes;
- ``cavitation``: the pressure falls and flickers, vibration is rough, and the motor does less work.

No real machine was measured for this.
"""

from dataclasses import dataclass

import numpy as np
from common import Array

FEATURES = {
    "load": "Load, in per cent of the rated one",
    "speed": "Speed of the shaft, in revolutions per minute",
    "current": "Current of the motor, in A",
    "vibration": "Vibration of the bearing's housing, in mm/s",
    "bearing_temperature": "Temperature of the bearing, in degrees Celsius",
    "pressure": "Pressure at the outlet, in bar",
    "ambient_temperature": "Temperature of the surroundings, in degrees Celsius",
}
FAULTS = ["healthy", "imbalance", "bearing_wear", "cooling_blocked", "cavitation"]
#: Seconds between readings, and readings in a window: ten minutes.
STEP_S, WINDOW = 10.0, 60
#: Readings of a run: six hours, half of them before a fault begins.
RUN, ONSET, GROWTH = 2160, 900, 180
#: Noise of the sensors; that of the vibration is a part of it.
_NOISE = {"load": 0.8, "speed": 2.0, "current": 0.15, "bearing_temperature": 0.3, "pressure": 0.03, "ambient": 0.2}
#: What the sensors tell apart.
_RESOLUTION = np.array([0.1, 1.0, 0.05, 0.01, 0.1, 0.01, 0.1])


@dataclass(frozen=True)
class Runs:
    """What the machines read: float32 [machines, readings, features], and each one's fault, an index of FAULTS."""

    readings: Array
    faults: Array

    def windows(self, each: int, random: np.random.Generator, *, faulty: bool = True) -> tuple[Array, Array]:
        """Windows float32 [windows, timesteps, features] drawn from each machine, and their classes.

        Those before the fault begins are healthy, and those after it has grown are faulty; none lies between.
        """
        windows, classes = [], []
        for readings, fault in zip(self.readings, self.faults, strict=True):
            for _ in range(each):
                late = faulty and random.random() < 0.7
                start = random.integers(ONSET + GROWTH, RUN - WINDOW) if late else random.integers(0, ONSET - WINDOW)
                windows.append(readings[start : start + WINDOW])
                classes.append(fault if late else 0)
        return np.stack(windows), np.array(classes, np.int64)


def simulate(machines: int, random: np.random.Generator) -> Runs:
    """Runs of so many machines, a fifth of which stay healthy."""

    def own(low: float, high: float) -> Array:
        return random.uniform(low, high, (machines, 1))

    faults = np.arange(machines) % len(FAULTS)
    grown = np.clip((np.arange(RUN) - ONSET) / GROWTH, 0, 1) * own(0.35, 1.0)
    imbalance, wear, blocked, cavitation = (grown * (faults == fault)[:, None] for fault in range(1, len(FAULTS)))

    load = _loads(machines, random)
    speed = own(1488, 1498) - own(20, 45) * load
    turning = np.square(speed / 1480)
    current = own(6, 9) + own(13, 19) * load * (1 - 0.08 * cavitation)
    pressure = own(5.6, 6.4) * turning - own(1.2, 1.9) * np.square(load)
    pressure = pressure - 0.5 * cavitation + 0.22 * cavitation * random.standard_normal(load.shape)
    bursts = random.exponential(1.0, load.shape) * (random.random(load.shape) < 0.25)
    vibration = own(0.8, 1.7) * turning * (0.8 + 0.3 * load) + 2.0 * imbalance * turning
    vibration = vibration + wear * (0.4 + 2.0 * bursts) + 0.9 * cavitation * np.abs(random.standard_normal(load.shape))
    hours = np.arange(RUN) * STEP_S / 3600
    ambient = own(16, 28) + 1.5 * np.sin(2 * np.pi * (hours / 24 + own(0, 1)))
    heat = own(11, 15) + own(10, 15) * np.square(load) + 11 * wear
    bearing = _warmed(heat * (1 + 0.55 * blocked), ambient, own(400, 900))

    def read(value: Array, sensor: str) -> Array:
        return value + _NOISE[sensor] * random.standard_normal(value.shape)

    sensors = [
        read(100 * load, "load"),
        read(speed, "speed"),
        read(current, "current"),
        vibration * (1 + 0.05 * random.standard_normal(load.shape)),
        read(bearing, "bearing_temperature"),
        read(pressure, "pressure"),
        read(ambient, "ambient"),
    ]
    readings = np.round(np.stack(sensors, axis=-1) / _RESOLUTION) * _RESOLUTION
    return Runs(readings.astype(np.float32), faults)


def _loads(machines: int, random: np.random.Generator) -> Array:
    """Loads [machines, readings], 1 the rated one: set points that are kept for about half an hour, and drift."""
    load = np.empty((machines, RUN))
    point = random.uniform(0.45, 1.0, machines)
    now = point.copy()
    for reading in range(RUN):
        changes = random.random(machines) < STEP_S / 1800
        point = np.where(changes, random.uniform(0.45, 1.0, machines), point)
        now += 0.06 * (point - now) + 0.006 * random.standard_normal(machines)
        load[:, reading] = now
    return load


def _warmed(excess: Array, ambient: Array, constant_s: Array) -> Array:
    """Temperatures of bodies that would end ``excess`` above their surroundings, and take their time."""
    temperature = np.empty_like(excess)
    now = ambient[:, 0] + excess[:, 0]
    for reading in range(excess.shape[1]):
        now = now + (ambient[:, reading] + excess[:, reading] - now) * STEP_S / constant_s[:, 0]
        temperature[:, reading] = now
    return temperature
