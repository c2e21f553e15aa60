# frozen_string_literal: true
require "open3"

module Clinic
  LIMIT = 20

  class PatientsController < ApplicationController
    before_action :authenticate!, only: [:show, :edit]
    attr_accessor :name, :notes

    def index
      @patients = Patient.where("name = '#{params[:name]}'").limit(LIMIT)
      rows = @patients.map { |patient| patient.to_h.merge(seen: true) }
      render json: rows unless rows.empty?
    end

    def show(id = params[:id], *rest, key:, other: nil, **options, &block)
      patient = Patient.find_by(id: id) || raise(NotFound, "no #{id}")
      notes = patient&.notes.to_a
      notes << "visited" if options[:visit] and not other
      notes.each_with_index do |note, index|
        puts "#{index}: #{note.html_safe}"
        next if note =~ /secret-#{key}/i
        yield note
      end
      case patient.kind
      when :child, "baby" then { age: 1, :guardian => true, "left" => nil }
      when 1..3
        [*rest, %w[a b], %i[c d]]
      else
        `ls #{patient.folder}`
      end
    rescue ActiveRecord::RecordNotFound, NotFound => error
      redirect_to url_for(error), status: 404
    ensure
      patient.close
    end

    def self.import(file)
      first, second = file.read.split(",")
      sql = <<~SQL
        SELECT * FROM patients WHERE id = #{first}
      SQL
      system("tar", "-xf", file.path)
      ->(x) { x ? sql : second }.call(true)
    end

    def total = notes.sum(&:size)
  end
end

until done?
  $stderr.puts "waiting" while busy
end
